package main

import (
	"fmt"
	"strings"
)

// obj is a JSON object; its members come out sorted.
type obj = map[string]any

// tables that the captures talk about, as the platform prints them.
var (
	tAccount     = target{1, "account", "Account"}
	tContact     = target{2, "contact", "Contact"}
	tOpportunity = target{3, "opportunity", "Opportunity"}
	tUser        = target{8, "systemuser", "User"}
	tOrg         = target{1019, "organization", "Organization"}
	tQuote       = target{1084, "quote", "Quote"}
	tUISettings  = target{2500, "userentityuisettings", "User Entity UI Settings"}
	tConnection  = target{3234, "connection", "Connection"}
	tPhone       = target{4210, "phonecall", "Phone Call"}
	tUserQuery   = target{4230, "userquery", "Saved View"}
	tImportFile  = target{4412, "importfile", "Import Source File"}
	tMessage     = target{4606, "sdkmessage", "Sdk Message"}
	tWorkflow    = target{4703, "workflow", "Process"}
	tRouting     = target{8181, "routingrule", "Routing Rule Set"}
	tPostConfig  = target{10087, "msdyn_postconfig", "Post Configuration"}
	tInspection  = target{10412, "cr1a7_siteinspection", "Site Inspection"}
	tPhoto       = target{10413, "cr1a7_sitephoto", "Site Photo 📷"}
)

// list is an OData answer of several rows.
func list(host, set, columns string, rows []obj) string {
	return compact(obj{
		"@odata.context": "https://" + host + "/api/data/v9.0/$metadata#" + set + "(" + columns + ")",
		"@Microsoft.Dynamics.CRM.totalrecordcount": -1, "@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded": false,
		"value": rows,
	})
}

// single is an OData answer of one row.
func single(host, set string, row obj) string {
	out := obj{"@odata.context": "https://" + host + "/api/data/v9.0/$metadata#" + set + "/$entity"}
	for k, v := range row {
		out[k] = v
	}
	return compact(out)
}

// accountRow invents an account.
func accountRow(label, owner string) obj {
	n := number(label+" money", 900) + 40
	return obj{
		"@odata.etag": fmt.Sprintf(`W/"%d"`, 41900000+number(label, 99999)),
		"accountid":   rowID(label), "name": company(label),
		"accountnumber": fmt.Sprintf("NS-%05d", number(label+" no", 99999)),
		"telephone1":    fmt.Sprintf("+00 555 01%02d", number(label+" tel", 100)),
		"address1_city": pick(label+" city", cities), "revenue": n * 1000,
		"revenue@OData.Community.Display.V1.FormattedValue": fmt.Sprintf("€%d,000.00", n),
		"statecode": 0,
		"statecode@OData.Community.Display.V1.FormattedValue": "Active",
		"_ownerid_value": rowID("user " + owner),
		"_ownerid_value@OData.Community.Display.V1.FormattedValue":          person(owner),
		"_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname":           "systemuser",
		"_primarycontactid_value@OData.Community.Display.V1.FormattedValue": person(label + " contact"),
		"_primarycontactid_value":                                           rowID(label + " contact"),
	}
}

// contactRow invents a contact.
func contactRow(label string) obj {
	name := person(label)
	return obj{
		"@odata.etag": fmt.Sprintf(`W/"%d"`, 41900000+number(label, 99999)),
		"contactid":   rowID(label), "fullname": name, "jobtitle": pick(label+" job", []string{"Buyer", "Plant manager", "Site lead", "Controller"}),
		"emailaddress1": strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.com",
		"mobilephone":   fmt.Sprintf("+00 555 02%02d", number(label+" tel", 100)),
		"_parentcustomerid_value@OData.Community.Display.V1.FormattedValue": company(label),
		"_parentcustomerid_value": rowID(label + " account"), "statecode": 0,
	}
}

// dealRow invents an opportunity or a lead.
func dealRow(label, key string) obj {
	topic := pick(label+" what", []string{"Rooftop survey", "Cooling retrofit", "Spare parts 2027", "Service contract", "Line extension"})
	return obj{
		"@odata.etag": fmt.Sprintf(`W/"%d"`, 41900000+number(label, 99999)),
		key:           rowID(label), "name": topic + " – " + company(label), "subject": topic,
		"estimatedvalue": 5000 + number(label+" value", 90000), "statecode": 0,
		"stepname":           pick(label+" step", []string{"Qualify", "Develop", "Propose", "Close"}),
		"estimatedclosedate": fmt.Sprintf("2027-%02d-%02d", 1+number(label+" m", 12), 1+number(label+" d", 28)),
	}
}

// many makes n rows.
func many(n int, label string, f func(string) obj) []obj {
	rows := []obj{}
	for i := range n {
		rows = append(rows, f(fmt.Sprintf("%s %d", label, i)))
	}
	return rows
}

// label is a localised label as metadata has it.
func label(text string) obj {
	l := obj{"Label": text, "LanguageCode": 1033, "IsManaged": false, "MetadataId": id("label " + text), "HasChanged": nil}
	return obj{"LocalizedLabels": []obj{l}, "UserLocalizedLabel": l}
}

// table is what the metadata of a table needs.
type table struct {
	target
	schema, set, plural string
	ownership           string
	columns             string
}

// metadata writes a table's definition with its privileges; user-owned tables allow every depth.
func (t table) metadata() obj {
	var privileges, attributes []obj
	for a := range strings.FieldsSeq("Create Read Write Delete Assign Share Append AppendTo") {
		org := t.ownership == "OrganizationOwned"
		if org && (a == "Assign" || a == "Share") {
			continue
		}
		name := "prv" + a + t.schema
		privileges = append(privileges, obj{
			"CanBeBasic": !org, "CanBeLocal": !org, "CanBeDeep": !org, "CanBeGlobal": true,
			"CanBeEntityReference": false, "CanBeParentEntityReference": false, "CanBeRecordFilter": false,
			"Name": name, "PrivilegeId": privilegeID(name), "PrivilegeType": a,
		})
	}
	for i, c := range strings.Fields(t.columns) {
		attributes = append(attributes, obj{
			"@odata.type": "#Microsoft.Dynamics.CRM.StringAttributeMetadata", "LogicalName": c, "SchemaName": c,
			"AttributeType": "String", "AttributeTypeName": obj{"Value": "StringType"}, "ColumnNumber": i + 1,
			"DisplayName": label(strings.ReplaceAll(strings.TrimPrefix(c, "cr1a7_"), "_", " ")), "IsSecured": c == "creditlimit",
			"IsValidForRead": true, "IsValidForUpdate": true, "MaxLength": 160, "MetadataId": id(t.logical + " " + c),
			"RequiredLevel": obj{"Value": "None", "CanBeChanged": true, "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings"},
		})
	}
	return obj{
		"MetadataId": id("table " + t.logical), "LogicalName": t.logical, "SchemaName": t.schema, "EntitySetName": t.set,
		"LogicalCollectionName": t.set, "ObjectTypeCode": t.code, "OwnershipType": t.ownership,
		"DisplayName": label(t.label), "DisplayCollectionName": label(t.plural), "IsActivity": false,
		"IsCustomEntity": strings.Contains(t.logical, "_"), "PrimaryIdAttribute": t.logical + "id",
		"PrimaryNameAttribute": strings.Fields(t.columns)[0], "Privileges": privileges, "Attributes": attributes,
	}
}

// definition is the answer of EntityDefinitions(LogicalName=…).
func (t table) definition(host string) string {
	out := t.metadata()
	out["@odata.context"] = "https://" + host + "/api/data/v9.0/$metadata#EntityDefinitions/$entity"
	return compact(out)
}

// The definitions that the captures hold.
var (
	accountTable = table{tAccount, "Account", "accounts", "Accounts", "UserOwned",
		"name accountnumber telephone1 emailaddress1 websiteurl address1_city address1_line1 address1_postalcode revenue numberofemployees description primarycontactid parentaccountid ownerid statecode statuscode createdon modifiedon"}
	contactTable = table{tContact, "Contact", "contacts", "Contacts", "UserOwned",
		"fullname firstname lastname jobtitle emailaddress1 mobilephone creditlimit parentcustomerid ownerid statecode statuscode birthdate"}
	opportunityTable = table{tOpportunity, "Opportunity", "opportunities", "Opportunities", "UserOwned",
		"name estimatedvalue estimatedclosedate stepname parentaccountid parentcontactid ownerid statecode statuscode"}
	inspectionTable = table{tInspection, "cr1a7_SiteInspection", "cr1a7_siteinspections", "Site Inspections", "UserOwned",
		"cr1a7_name cr1a7_inspectedon cr1a7_account cr1a7_result cr1a7_remarks ownerid statecode statuscode"}
	currencyTable = table{target{9105, "transactioncurrency", "Currency"}, "TransactionCurrency", "transactioncurrencies", "Currencies",
		"OrganizationOwned", "currencyname isocurrencycode currencysymbol exchangerate"}
)
