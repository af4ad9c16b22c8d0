# __PROVENANCE__

# .SYNOPSIS
#   Adds privileges to one security role of a Dataverse environment.
# .DESCRIPTION
#   It only adds and deepens; it never removes and never lowers. Before it writes, it saves what the role holds as a
#   JSON file in the current folder; after it wrote, it reads back, compares, and prints what would undo it. It ends in
#   an error, and so with an exit code other than 0, where anything is not as wanted. Running it again changes nothing
#   more. -WhatIf says what would be done and changes nothing.
#   Its author had no PowerShell at hand: the grammar was checked, but it has not been run. Begin with -WhatIf.
# .PARAMETER OrgUrl
#   The address of the environment, such as https://contoso.crm.dynamics.com
# .PARAMETER AccessToken
#   A token for that address. Without it, the Azure command line is asked: az account get-access-token.
# .PARAMETER RoleName
#   The role to change, where it is another than the one that the patch was made for.
# .EXAMPLE
#   ./patch.ps1 -OrgUrl https://contoso.crm.dynamics.com -WhatIf

#Requires -Version 5.1
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)][string] $OrgUrl,
    [string] $AccessToken,
    [string] $RoleName
)
$ErrorActionPreference = 'Stop'

# One JSON value of plain ASCII. The here-string keeps every character as it is, and no line of it can end it early.
$patch = @'
__PATCH__
'@ | ConvertFrom-Json

$depths = @('None', 'Basic', 'Local', 'Deep', 'Global')
# Role templates, which have the same ids everywhere while names are translated: System Administrator, Support User.
$untouchable = @('627090ff-40a3-4053-8790-584edc5be201', '2d101bb3-5ced-4122-83f1-94d5efde4e3b')
$roleColumns = 'roleid,name,ismanaged,iscustomizable,isinherited,' +
    '_businessunitid_value,_parentroleid_value,_parentrootroleid_value,_roletemplateid_value'
$advice = @{
    '0x8004140b' = 'This environment does not allow that depth for that privilege. Nothing of this request was written.'
    '0x80040217' = 'The role or a privilege is gone, or -OrgUrl is another environment.'
    '0x80040220' = 'The caller may not change roles (prvWriteRole). Use a System Administrator.'
    '401'        = 'The token is missing, has ended, or is for another address. Get a new one for -OrgUrl.'
    '403'        = 'The caller may not do this. Use a System Administrator.'
    '404'        = 'Check -OrgUrl: it is the address of the environment, without a path.'
    '429'        = 'The service asks to slow down. Wait five minutes and run this again: it goes on where it stopped.'
}

function Get-Refusal($Record) {
    $status = ''
    if ($Record.Exception.Response) { $status = [string][int]$Record.Exception.Response.StatusCode }
    $code = ''
    $message = [string]$Record.Exception.Message
    try {
        $fault = ($Record.ErrorDetails.Message | ConvertFrom-Json).error
        if ($fault.message) { $message = [string]$fault.message }
        $code = [string]$fault.code
    } catch {
        # A proxy or a sign-in page answers in HTML; the exception's own words have to do.
        $code = ''
    }
    $hint = $advice[$code.ToLowerInvariant()]
    if (-not $hint) { $hint = $advice[$status] }
    return "prvgap: HTTP $status ${code}: $message $hint"
}

function Invoke-Api([string] $Path, $Body) {
    $uri = $Path
    if ($Path -notmatch '^https?://') { $uri = $api + $Path }
    # The token goes with every request, so none may leave the environment, whatever address an answer gives.
    if (-not $uri.StartsWith($api, [StringComparison]::OrdinalIgnoreCase)) { throw "prvgap: the service points elsewhere: $uri" }
    $request = @{ Uri = $uri; Method = 'Get'; Headers = $headers; UseBasicParsing = $true }
    if ($null -ne $Body) {
        $request.Method = 'Post'
        $request.ContentType = 'application/json; charset=utf-8'
        $request.Body = ConvertTo-Json -InputObject $Body -Depth 5 -Compress
    }
    try {
        return Invoke-RestMethod @request
    } catch {
        throw (Get-Refusal $_)
    }
}

# Read-Rows reads a collection to its last page; only the service knows how long a page is.
function Read-Rows([string] $Path) {
    $next = $Path
    while ($next) {
        $page = Invoke-Api $next
        if ($null -eq $page.value) { throw "prvgap: the answer holds no rows. $($advice['404'])" }
        $page.value
        $next = $page.'@odata.nextLink'
    }
}

# An OData string doubles its quotes; what stands around it is percent-encoded as a whole.
function Format-Literal([string] $Text) { return "'" + $Text.Replace("'", "''") + "'" }
function Format-Query([string] $Columns, [string] $Filter) {
    return '$select=' + $Columns + '&$filter=' + [Uri]::EscapeDataString($Filter)
}

# The API names depths in some answers and numbers them from 0 in others. RecordFilter (4) has no place in the order.
function Get-DepthName($Grant) {
    if ($null -eq $Grant) { return 'None' }
    $depth = [string]$Grant.Depth
    if ($depth -match '^[0-3]$') { return $depths[[int]$depth + 1] }
    if ($depth -eq '4') { return 'RecordFilter' }
    return $depth
}
function Get-Rank([string] $Depth) { return [array]::IndexOf($depths, $Depth) }

# Find-Role gives the copy in the root business unit: the only one that can be written to, the others follow it.
function Find-Role {
    $name = [string]$patch.role.name
    if ($RoleName) { $name = $RoleName }
    if ($patch.role.id -and -not $RoleName) {
        $role = @(Read-Rows ('roles?' + (Format-Query $roleColumns "roleid eq $($patch.role.id)")))[0]
        if ($role -and $role._parentroleid_value) {
            $role = @(Read-Rows ('roles?' + (Format-Query $roleColumns "roleid eq $($role._parentrootroleid_value)")))[0]
        }
        if ($role) {
            if ($name -and $role.name -ne $name) { Write-Warning "The role with the id of $name is called $($role.name) here." }
            return $role
        }
        # An exported file may carry a template's id, or that of another environment: then the name decides.
    }
    if (-not $name) { throw 'prvgap: no role was found by its id, and the base had no name. Give one with -RoleName.' }
    $filter = "name eq $(Format-Literal $name) and _parentroleid_value eq null"
    $found = @(Read-Rows ('roles?' + (Format-Query $roleColumns $filter)))
    if ($found.Count -eq 0) { throw "prvgap: this environment has no role that is called $name." }
    if ($found.Count -gt 1) { throw "prvgap: $($found.Count) roles are called ${name}: $($found.roleid -join ', '). Rename one." }
    return $found[0]
}

function Assert-Role($Role) {
    if ($untouchable -contains $Role._roletemplateid_value -or $Role.name -eq 'System Administrator') {
        throw "prvgap: the role $($Role.name) is one that the platform lets nobody change."
    }
    if ($Role.iscustomizable -and $Role.iscustomizable.Value -eq $false) {
        throw "prvgap: the role $($Role.name) is not customizable. Use the companion role instead: prvgap patch --form companion."
    }
    if ($Role.ismanaged) {
        Write-Warning "The role $($Role.name) is managed: the change is an unmanaged layer, which can hide later updates of its vendor."
    }
}

function Read-Held($Role) {
    return @((Invoke-Api "RetrieveRolePrivilegesRole(RoleId=@id)?@id=$($Role.roleid)").RolePrivileges)
}

# Hashtables of PowerShell do not tell upper from lower case, which is what ids and names need here.
function ConvertTo-Index($Grants) {
    $index = @{}
    foreach ($grant in $Grants) { $index[[string]$grant.PrivilegeId] = $grant }
    return $index
}

function Find-Privilege([string[]] $Names) {
    $known = @{}
    $columns = 'privilegeid,name,canbebasic,canbelocal,canbedeep,canbeglobal'
    # Twenty names keep the address short enough for any proxy.
    for ($i = 0; $i -lt $Names.Count; $i += 20) {
        $some = $Names[$i..([Math]::Min($i + 19, $Names.Count - 1))]
        $filter = ($some | ForEach-Object { "name eq $(Format-Literal $_)" }) -join ' or '
        foreach ($row in @(Read-Rows ('privileges?' + (Format-Query $columns $filter)))) { $known[[string]$row.name] = $row }
    }
    return $known
}

# Get-LegalDepth gives the wanted depth where it is legal, else the next higher one, else the deepest there is.
function Get-LegalDepth($Row, [string] $Wanted) {
    $legal = @($depths | Where-Object { $_ -ne 'None' -and $Row.('canbe' + $_.ToLowerInvariant()) -eq $true })
    foreach ($depth in $legal) {
        if ((Get-Rank $depth) -ge (Get-Rank $Wanted)) { return $depth }
    }
    if ($legal.Count -gt 0) { return $legal[-1] }
}

# Get-Plan decides on one wanted privilege: a change, nothing, or a reason why it cannot be done.
function Get-Plan($Wanted, $Row, $Grant) {
    if ($null -eq $Row) { return @{ Problem = "$($Wanted.privilege): this environment has no such privilege." } }
    $to = Get-LegalDepth $Row $Wanted.depth
    if (-not $to) { return @{ Problem = "$($Row.name): no depth is legal for it here." } }
    $from = Get-DepthName $Grant
    if ((Get-Rank $from) -lt 0) { return @{ Problem = "$($Row.name): held with depth $from, which is not replaced. Decide by hand." } }
    $enough = [Math]::Min((Get-Rank $Wanted.depth), (Get-Rank $to))
    if ((Get-Rank $from) -ge $enough) { return @{ Kept = "$($Row.name): $from is held already." } }
    $note = ''
    if ((Get-Rank $to) -gt (Get-Rank $Wanted.depth)) { $note = " ($($Wanted.depth) is not legal here: WIDER than asked for)" }
    if ((Get-Rank $to) -lt (Get-Rank $Wanted.depth)) { $note = " ($($Wanted.depth) is not legal here, and no depth above it: LESS than asked for)" }
    return @{ Change = [pscustomobject]@{ Id = [string]$Row.privilegeid; Name = [string]$Row.name; From = $from; To = $to; Note = $note } }
}

function Save-Rollback($Role, $Grants) {
    # The id makes the name of the file: a role's name can hold what a file's cannot.
    $file = 'prvgap-rollback-{0}-{1}.json' -f ([guid]$Role.roleid), (Get-Date -Format 'yyyyMMddTHHmmss')
    $path = Join-Path (Get-Location).ProviderPath $file
    ConvertTo-Json -InputObject @{ role = $Role; RolePrivileges = $Grants } -Depth 6 |
        Out-File -LiteralPath $path -Encoding utf8 -NoClobber
    Write-Host "prvgap: rollback: what the role held before is in $path"
}

function Get-GrantBody($Change, [string] $Depth, [string] $Unit) {
    return @{ PrivilegeId = $Change.Id; Depth = $Depth; BusinessUnitId = $Unit; PrivilegeName = $Change.Name }
}

# What Add does with a depth below the held one is not documented, so a raised one is removed and added anew.
function Write-Undo([string] $Action, $Done, [string] $Unit) {
    if ($Done.Count -eq 0) { return }
    Write-Host 'prvgap: undo: run these, with a token of yours in $token.'
    foreach ($change in $Done) {
        $steps = @(, @('RemovePrivilegeRole', @{ PrivilegeId = $change.Id }))
        if ($change.From -ne 'None') { $steps += , @('AddPrivilegesRole', @{ Privileges = @(Get-GrantBody $change $change.From $Unit) }) }
        foreach ($step in $steps) {
            $body = (ConvertTo-Json -InputObject $step[1] -Depth 5 -Compress).Replace("'", "''")
            Write-Host ("Invoke-RestMethod -Method Post -Uri '$Action$($step[0])' -ContentType 'application/json' -Body '$body'" +
                ' -Headers @{ Authorization = "Bearer $token" }')
        }
    }
}

# Compare-Held says what differs from what was planned, and whether anything else of the role changed meanwhile.
function Compare-Held($Before, $After, $Changes) {
    $planned = @{}
    foreach ($change in $Changes) {
        $planned[$change.Id] = $true
        $now = Get-DepthName $After[$change.Id]
        if ($now -ne $change.To) { "$($change.Name): $($change.To) was sent, $now is held." }
    }
    foreach ($id in ($Before.Keys | Sort-Object)) {
        $was = Get-DepthName $Before[$id]
        $now = Get-DepthName $After[$id]
        if (-not $planned[$id] -and $was -ne $now) { "$($Before[$id].PrivilegeName) ${id}: was $was, is $now, and this script did not ask for it." }
    }
}

function Write-Grants($Role, $Changes, $Before) {
    $unit = [string]@(Read-Rows ('businessunits?' + (Format-Query 'businessunitid' '_parentbusinessunitid_value eq null')))[0].businessunitid
    $action = $api + "roles($($Role.roleid))/Microsoft.Dynamics.CRM."
    Save-Rollback $Role $Before
    $done = @()
    try {
        for ($i = 0; $i -lt $Changes.Count; $i += 50) {
            $some = @($Changes[$i..([Math]::Min($i + 49, $Changes.Count - 1))])
            $grants = @($some | ForEach-Object { Get-GrantBody $_ $_.To $unit })
            $null = Invoke-Api ($action + 'AddPrivilegesRole') @{ Privileges = $grants }
            $done += $some
        }
        Compare-Held (ConvertTo-Index $Before) (ConvertTo-Index (Read-Held $Role)) $Changes
    } finally {
        # Printed after a refusal too: the chunks before it are written.
        Write-Undo $action $done $unit
    }
}

$OrgUrl = $OrgUrl.TrimEnd('/')
if ($OrgUrl -notmatch '^https://[^/?#]+$') { throw 'prvgap: -OrgUrl has to be https:// and a host, such as https://contoso.crm.dynamics.com' }
$api = $OrgUrl + '/api/data/v9.2/'
if (-not $AccessToken) {
    $AccessToken = [string](az account get-access-token --resource $OrgUrl --query accessToken --output tsv)
    if ($LASTEXITCODE -ne 0 -or -not $AccessToken) { throw 'prvgap: no token: sign in with az login, or give -AccessToken.' }
}
$headers = @{
    'Authorization'    = "Bearer $AccessToken"
    'Accept'           = 'application/json'
    'OData-Version'    = '4.0'
    'OData-MaxVersion' = '4.0'
}

$role = Find-Role
Assert-Role $role
$before = @(Read-Held $role)
$held = ConvertTo-Index $before
Write-Host "prvgap: role $($role.name) ($($role.roleid)) holds $($before.Count) privileges."
$known = Find-Privilege @($patch.wanted | ForEach-Object { [string]$_.privilege })
$changes = @()
$problems = @()
foreach ($wanted in $patch.wanted) {
    $row = $known[[string]$wanted.privilege]
    $grant = $null
    if ($row) { $grant = $held[[string]$row.privilegeid] }
    $plan = Get-Plan $wanted $row $grant
    if ($plan.Kept) { Write-Host "prvgap: $($plan.Kept)" }
    if ($plan.Problem) { Write-Warning $plan.Problem; $problems += $plan.Problem }
    if ($plan.Change) {
        $changes += $plan.Change
        Write-Host "prvgap: $($plan.Change.Name): $($plan.Change.From) -> $($plan.Change.To)$($plan.Change.Note)"
    }
}
if ($changes.Count -gt 0 -and $PSCmdlet.ShouldProcess("role $($role.name)", "add or deepen $($changes.Count) privileges")) {
    $problems += @(Write-Grants $role $changes $before)
    Write-Host "prvgap: $($changes.Count) privileges written and read back."
}
if ($problems.Count -gt 0) { throw "prvgap: not everything is as wanted:`n" + ($problems -join "`n") }
if ($changes.Count -eq 0) { Write-Host 'prvgap: nothing to change.' }
