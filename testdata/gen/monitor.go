package main

import "fmt"

// The members below stand in the order in which Power Apps Monitor writes them.

type monitorExport[M any] struct {
	Version   int
	SessionId string
	Messages  []M
	Config    []obj
}

// monitorV1 is the export of a model-driven app: no bodies, and times without a date.
func monitorV1(c *capture) []byte {
	type request struct {
		URL     string            `json:"url"`
		Method  string            `json:"method"`
		Headers map[string]string `json:"headers"`
	}
	type response struct {
		Status int    `json:"status"`
		Size   string `json:"size"`
	}
	type data struct {
		Request  *request  `json:"request,omitempty"`
		Response *response `json:"response,omitempty"`
		Info     string    `json:"info,omitempty"`
	}
	type message struct {
		Status       int    `json:"status,omitempty"`
		ID           int    `json:"id"`
		Category     string `json:"category"`
		Name         string `json:"name"`
		DataSource   string `json:"dataSource,omitempty"`
		ResponseSize string `json:"responseSize,omitempty"`
		Duration     int    `json:"duration"`
		Time         string `json:"time"`
		Data         data   `json:"data"`
	}
	out := monitorExport[message]{Version: 1, SessionId: id("monitor session 1"), Config: []obj{}}
	for i, x := range c.steps {
		at := x.at.Format("15:04:05.000")
		if i%3 == 0 {
			out.Messages = append(out.Messages, message{ID: len(out.Messages), Category: "UserAction", Name: "FullLoad", Time: at, Data: data{Info: "Main form"}})
		}
		size := fmt.Sprint(len(x.body))
		out.Messages = append(out.Messages, message{
			Status: x.status, ID: len(out.Messages), Category: "Network", Name: "Fetch", DataSource: x.url, ResponseSize: size, Duration: x.took, Time: at,
			Data: data{&request{x.url, x.method, headerMap(requestHeaders(x))}, &response{x.status, size}, ""},
		})
	}
	return []byte(compact(out))
}

// monitorV2 is the export of a canvas app: bodies as text, headers as a map.
func monitorV2(c *capture) []byte {
	type request struct {
		URL     string            `json:"url"`
		Method  string            `json:"method"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}
	type response struct {
		Duration     int               `json:"duration"`
		Size         int               `json:"size"`
		Status       int               `json:"status"`
		Headers      map[string]string `json:"headers"`
		Body         *string           `json:"body,omitempty"`
		ResponseType string            `json:"responseType"`
	}
	type data struct {
		Context  obj       `json:"context"`
		Request  *request  `json:"request,omitempty"`
		Response *response `json:"response,omitempty"`
		Info     string    `json:"info,omitempty"`
	}
	type message struct {
		Time     int64  `json:"time"`
		Category string `json:"category"`
		Name     string `json:"name"`
		LogLevel int    `json:"logLevel"`
		Data     data   `json:"data"`
	}
	out := monitorExport[message]{Version: 2, SessionId: id("monitor session 2"), Config: []obj{}}
	for i, x := range c.steps {
		control := obj{"entityName": fmt.Sprintf("Gallery%d", i), "propertyName": "Items"}
		if i%2 == 0 {
			out.Messages = append(out.Messages, message{x.at.UnixMilli(), "Function", "Filter", 2, data{Context: control, Info: "1 rows collected."}})
		}
		body := &x.body
		if x.evicted {
			body = nil
		}
		out.Messages = append(out.Messages, message{x.at.UnixMilli(), "Network", "getRows", 2, data{
			Context: control, Request: &request{x.url, x.method, headerMap(requestHeaders(x)), x.reqBody},
			Response: &response{x.took, len(x.body), x.status, headerMap(responseHeaders(x)), body, "json"},
		}})
	}
	return []byte(compact(out))
}

// headerMap lays headers out as a map, as fetch does: without those of HTTP/2 itself, and the last of several counts.
func headerMap(ps []pair) map[string]string {
	m := map[string]string{}
	for _, p := range ps {
		if p.Name[0] != ':' {
			m[p.Name] = p.Value
		}
	}
	return m
}
