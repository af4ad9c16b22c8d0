package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

// protocolLines is what a script wrote that follows a page over the DevTools protocol: each message on a line, commands
// and results among the events. It asks for the body of every answer.
func protocolLines(c *capture) []byte {
	var b bytes.Buffer
	line := func(v obj) { b.WriteString(compact(v) + "\n") }
	line(obj{"id": 1, "method": "Network.enable", "params": obj{"maxTotalBufferSize": 100 << 20}})
	line(obj{"id": 1, "result": obj{}})
	for i, x := range c.steps {
		for _, e := range c.protocolEvents(i) {
			line(e)
		}
		if x.failure != "" || x.status == 302 {
			continue
		}
		n := i + 100
		line(obj{"id": n, "method": "Network.getResponseBody", "params": obj{"requestId": requestID(c, i)}})
		switch {
		case x.evicted:
			line(obj{"id": n, "error": obj{"code": -32000, "message": "Request content was evicted from inspector cache"}})
		case strings.Contains(x.body, "😀"):
			line(obj{"id": n, "result": obj{"body": base64.StdEncoding.EncodeToString([]byte(x.body)), "base64Encoded": true}})
		default:
			line(obj{"id": n, "result": obj{"body": x.body, "base64Encoded": false}})
		}
	}
	return b.Bytes()
}

// protocolArray is ChromeDriver's performance log, as Selenium hands it over: an array, each message as text within a
// message. Nobody can ask for bodies there.
func protocolArray(c *capture) []byte {
	log := []obj{}
	for i := range c.steps {
		for _, e := range c.protocolEvents(i) {
			inner := compact(obj{"message": e, "webview": strings.ToUpper(strings.ReplaceAll(id("webview"), "-", ""))})
			log = append(log, obj{"level": "INFO", "message": inner, "timestamp": c.steps[i].at.UnixMilli()})
		}
	}
	return indented(log)
}

// requestID is the browser's number for a request, which a redirect keeps.
func requestID(c *capture, i int) string {
	if i > 0 && c.steps[i-1].status == 302 {
		i--
	}
	return fmt.Sprintf("21744.%d", i+2)
}

// protocolEvents are the events of one request.
func (c *capture) protocolEvents(i int) []obj {
	x, rid := c.steps[i], requestID(c, i)
	start := float64(i) + 91723.25
	event := func(method string, params obj) obj {
		params["requestId"] = rid
		return obj{"method": "Network." + method, "params": params}
	}
	request := obj{"method": x.method, "url": x.url, "headers": headerMap(x.reqHeaders), "initialPriority": priority(x.kind), "referrerPolicy": "strict-origin"}
	if x.reqBody != "" {
		request["hasPostData"], request["postData"] = true, x.reqBody
	}
	sent := obj{
		"documentURL": "https://" + salesHost + "/main.aspx", "loaderId": id("loader"), "request": request,
		"timestamp": start, "wallTime": float64(x.at.UnixMilli()) / 1000, "type": "Fetch", "redirectHasExtraInfo": false,
	}
	if i > 0 && c.steps[i-1].status == 302 {
		sent["redirectResponse"] = protocolResponse(c.steps[i-1])
	}
	events := []obj{
		event("requestWillBeSent", sent),
		event("requestWillBeSentExtraInfo", obj{"associatedCookies": []obj{}, "headers": headerMap(requestHeaders(x))}),
	}
	switch {
	case x.failure != "":
		return append(events, event("loadingFailed", obj{"timestamp": start + .2, "type": "Ping", "errorText": x.failure, "canceled": false, "blockedReason": "inspector"}))
	case x.status == 302:
		return events // its answer is told together with the next request
	}
	return append(events,
		event("responseReceivedExtraInfo", obj{"headers": headerMap(responseHeaders(x)), "statusCode": x.status, "blockedCookies": []obj{}}),
		event("responseReceived", obj{"timestamp": start + .3, "type": "Fetch", "response": protocolResponse(x), "hasExtraInfo": true}),
		event("dataReceived", obj{"timestamp": start + .4, "dataLength": len(x.body), "encodedDataLength": 0}),
		event("loadingFinished", obj{"timestamp": start + .5, "encodedDataLength": len(x.body)}),
	)
}

func protocolResponse(x exchange) obj {
	return obj{
		"url": x.url, "status": x.status, "statusText": "", "headers": headerMap(responseHeaders(x)), "mimeType": x.mime,
		"protocol": "h2", "fromDiskCache": false, "encodedDataLength": len(x.body),
	}
}
