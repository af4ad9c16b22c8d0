package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha1"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// member is one file of an archive.
type member struct {
	name string
	data []byte
}

// zipped packs files. The packer is that of a module: see networkLogs.
func zipped(members []member) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, m := range members {
		w, err := z.Create(m.name)
		must(err)
		_, err = w.Write(m.data)
		must(err)
	}
	must(z.Close())
	return b.Bytes()
}

// fiddlerArchive is what Fiddler saves: three files for each session, the messages as they went over the wire.
func fiddlerArchive(c *capture) []byte {
	members := []member{
		{"[Content_Types].xml", []byte(`<?xml version="1.0" encoding="utf-8" ?>` + "\r\n" + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="htm" ContentType="text/html" /><Default Extension="xml" ContentType="application/xml" /><Default Extension="txt" ContentType="text/plain" /></Types>`)},
		{"_index.htm", []byte("<html><body>Fiddler sessions</body></html>")},
	}
	for i, x := range c.steps {
		name := fmt.Sprintf("raw/%02d_", i+1)
		members = append(members,
			member{name + "c.txt", rawRequest(x)},
			member{name + "m.xml", []byte(sessionXML(i+1, x))},
			member{name + "s.txt", rawResponse(i, x)},
		)
	}
	return zipped(members)
}

func sessionXML(n int, x exchange) string {
	at := func(ms int) string {
		return x.at.Add(time.Duration(ms) * time.Millisecond).In(time.FixedZone("", 3600)).Format("2006-01-02T15:04:05.0000000-07:00")
	}
	return fmt.Sprintf("\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<Session SID=\"%d\" BitFlags=\"1F\">\r\n  <SessionTimers ClientConnected=\"0001-01-01T00:00:00\" ClientBeginRequest=\"%s\" ClientDoneResponse=\"%s\" />\r\n"+
		"  <PipeInfo Reused=\"true\" />\r\n  <SessionFlags>\r\n    <SessionFlag N=\"x-processinfo\" V=\"msedge:9120\" />\r\n    <SessionFlag N=\"ui-comments\" V=\"SECRET-comment\" />\r\n  </SessionFlags>\r\n</Session>",
		n, at(0), at(x.took))
}

// rawRequest is the client's message.
func rawRequest(x exchange) []byte {
	var b bytes.Buffer
	host := strings.Split(strings.TrimPrefix(x.url, "https://"), "/")[0]
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", x.method, x.url, host)
	for _, h := range requestHeaders(x) {
		if h.Name[0] != ':' {
			fmt.Fprintf(&b, "%s: %s\r\n", h.Name, h.Value)
		}
	}
	b.WriteString("\r\n" + x.reqBody)
	return b.Bytes()
}

// rawResponse is the server's message, each with another coding of its body. A request that was blocked has an empty one.
func rawResponse(i int, x exchange) []byte {
	if x.failure != "" {
		return nil
	}
	var b bytes.Buffer
	text := map[int]string{200: "OK", 204: "No Content", 302: "Found", 403: "Forbidden"}[x.status]
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", x.status, text)
	for _, h := range responseHeaders(x) {
		if h.Name != "content-encoding" {
			fmt.Fprintf(&b, "%s: %s\r\n", h.Name, h.Value)
		}
	}
	body := []byte(x.body)
	if len(body) > 0 {
		coding := []string{"gzip", "br", "deflate", "zstd", "identity"}[i%5]
		body = coded(coding, body)
		fmt.Fprintf(&b, "Content-Encoding: %s\r\n", coding)
	}
	if len(body) > 0 && i%2 == 1 {
		body = chunked(body)
		b.WriteString("Transfer-Encoding: chunked\r\n")
	} else {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// coded applies a content coding.
func coded(coding string, body []byte) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch coding {
	case "gzip":
		w, err = gzip.NewWriterLevel(&b, gzip.BestCompression)
	case "br":
		w = brotli.NewWriterLevel(&b, brotli.BestCompression)
	case "deflate":
		w, err = flate.NewWriter(&b, flate.BestCompression)
	case "zstd":
		w, err = zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
	default:
		return body
	}
	must(err)
	_, err = w.Write(body)
	must(err)
	must(w.Close())
	return b.Bytes()
}

// chunked cuts a body into chunks.
func chunked(body []byte) []byte {
	var b bytes.Buffer
	for len(body) > 0 {
		n := min(len(body), 200)
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	b.WriteString("0\r\n\r\n")
	return b.Bytes()
}

// playwrightTrace is what tracing.stop writes: the entries of a HAR line by line, bodies in files named after their digest.
func playwrightTrace(c *capture) []byte {
	var network bytes.Buffer
	var bodies []member
	kept := map[string]bool{}
	file := func(body, ending string) string {
		name := fmt.Sprintf("%x.%s", sha1.Sum([]byte(body)), ending)
		if !kept[name] {
			bodies = append(bodies, member{"resources/" + name, []byte(body)})
			kept[name] = true
		}
		return name
	}
	for i, x := range c.steps {
		request := obj{"method": x.method, "url": x.url, "httpVersion": "HTTP/2.0", "cookies": x.cookies, "headers": requestHeaders(x), "queryString": query(x.url), "headersSize": -1, "bodySize": len(x.reqBody)}
		if x.reqBody != "" {
			request["postData"] = obj{"mimeType": x.reqMime, "text": "", "params": []obj{}, "_sha1": file(x.reqBody, "dat")}
		}
		content := obj{"size": len(x.body), "mimeType": x.mime}
		if x.body != "" {
			content["_sha1"] = file(x.body, "json")
		}
		response := obj{"status": x.status, "statusText": "", "httpVersion": "HTTP/2.0", "cookies": x.setCookies, "headers": responseHeaders(x), "content": content, "redirectURL": "", "headersSize": -1, "bodySize": -1}
		if x.failure != "" {
			response["status"], response["_failureText"] = -1, x.failure
		}
		network.WriteString(compact(obj{"type": "resource-snapshot", "snapshot": obj{
			"pageref": "page@1", "startedDateTime": x.at.Format("2006-01-02T15:04:05.000Z"), "time": x.took, "request": request, "response": response,
			"cache": obj{}, "timings": obj{"send": 0, "wait": x.took, "receive": 0}, "_monotonicTime": 1925.25 + float64(i),
		}}) + "\n")
	}
	return zipped(append([]member{
		{"trace.trace", []byte(`{"version":8,"type":"context-options","origin":"library","browserName":"chromium","playwrightVersion":"1.57.0"}` + "\n")},
		{"trace.network", network.Bytes()},
		{"1-trace.network", nil},
	}, bodies...))
}
