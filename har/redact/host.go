package redact

import (
	"strings"

	"github.com/prvgap/prvgap/har/pattern"
)

// clouds are the domains under which customers have names of their own, those of the national clouds among them.
const clouds = `dynamics\.(?:com|cn|de)|microsoftdynamics\.(?:us|de)|appsplatform\.us|onmicrosoft\.(?:com|us)|sharepoint\.(?:com|us|cn|de)|powerappsportals\.(?:com|us|cn)`

var (
	// host stands behind a scheme, or ends with one of the clouds.
	host = pattern.Compile(`(?i)((?:https?|wss?)(?:://|%(?:25)*3a(?:%(?:25)*2f){2}))([\pL\pN.-]+)|([a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:` + clouds + `))`)

	// ofCustomers are the domains whose hosts begin with the customer's name. What follows it is the platform's, and
	// says where and how it runs.
	ofCustomers = pattern.Compile(`(?i)\.(?:` + clouds + `|powerplatform\.com|azureedge\.net|windows\.net|azurewebsites\.net)$`)

	// ofAll are the hosts that serve everybody.
	ofAll = pattern.Compile(`(?i)(?:^|\.)(?:microsoft\.com|microsoft\.net|microsoftonline\.com|cloud\.microsoft|office\.com|office\.net|office365\.com|live\.com|msauth\.net|msftauth\.net|powerapps\.com|powerautomate\.com|bing\.com|(?:management|portal|dev|applicationinsights)\.azure\.com|zoho\.(?:com|eu|in|com\.au|jp)|zohoapis\.(?:com|eu|in|com\.au|jp)|zohostatic\.com|w3\.org|localhost|example(?:\.com)?)$`)
)

// hosts replaces the names of hosts.
func (r *Replacer) hosts(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return host().ReplaceAllStringFunc(s, func(found string) string {
		m := host().FindStringSubmatch(found)
		if m[1] != "" {
			return m[1] + r.host(m[2])
		}
		return r.host(m[3])
	})
}

func (r *Replacer) host(name string) string {
	customer, rest, _ := strings.Cut(name, ".")
	switch {
	case ofCustomers().MatchString(name):
		return r.replace(Host, customer, strings.ToLower(customer), func(sum []byte) string { return "org-" + short(sum) }) + "." + rest
	case ofAll().MatchString(name):
		return name
	}
	return r.replace(Host, name, strings.ToLower(name), func(sum []byte) string { return "host-" + short(sum) + ".example" })
}
