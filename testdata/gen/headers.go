package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	edgeAgent    = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36 Edg/144.0.0.0"
	firefoxAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0"
)

// requestHeaders are the headers of a request over HTTP/2 from Edge.
func requestHeaders(x exchange) []pair {
	u, err := url.Parse(x.url)
	if err != nil {
		panic(err) // every URL is written in this program
	}
	path := strings.TrimPrefix(x.url, u.Scheme+"://"+u.Host)
	hs := []pair{{":authority", u.Host}, {":method", x.method}, {":path", path}, {":scheme", u.Scheme}, {"accept", accept(x.kind)}}
	hs = append(hs, pair{"accept-encoding", "gzip, deflate, br, zstd"}, pair{"accept-language", "en-GB,en;q=0.9"})
	if x.reqBody != "" {
		hs = append(hs, pair{"content-length", fmt.Sprint(len(x.reqBody))}, pair{"content-type", x.reqMime})
	}
	hs = append(hs, x.reqHeaders...)
	if len(x.cookies) > 0 {
		hs = append(hs, pair{"cookie", joinCookies(x.cookies)})
	}
	site := "same-origin"
	referer := "https://" + salesHost + "/main.aspx?appid=" + salesAppID
	switch u.Host {
	case salesHost:
	case zohoHost:
		referer = zohoPage
	default:
		site = "cross-site"
	}
	return append(hs,
		pair{"referer", referer},
		pair{"sec-ch-ua", `"Chromium";v="144", "Microsoft Edge";v="144", "Not?A_Brand";v="24"`},
		pair{"sec-ch-ua-mobile", "?0"}, pair{"sec-ch-ua-platform", `"Windows"`},
		pair{"sec-fetch-dest", destination(x.kind)}, pair{"sec-fetch-mode", "cors"}, pair{"sec-fetch-site", site},
		pair{"user-agent", edgeAgent},
	)
}

// responseHeaders are the headers of an answer; a request that got none has none.
func responseHeaders(x exchange) []pair {
	if x.failure != "" {
		return []pair{}
	}
	hs := []pair{{"cache-control", caching(x)}}
	if x.mime != "" {
		hs = append(hs, pair{"content-type", fullMime(x)})
	}
	if x.body != "" && !x.base64 {
		hs = append(hs, pair{"content-encoding", "gzip"}, pair{"vary", "Accept-Encoding"})
	}
	hs = append(hs, pair{"date", x.at.Add(time.Duration(x.took) * time.Millisecond).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")})
	hs = append(hs, x.respHeaders...)
	for _, c := range x.setCookies {
		hs = append(hs, pair{"set-cookie", c.Name + "=" + c.Value + "; path=/; secure; HttpOnly"})
	}
	return append(hs, pair{"strict-transport-security", "max-age=31536000; includeSubDomains"}, pair{"x-content-type-options", "nosniff"})
}

// fullMime is the content type with the parameters that Chrome strips from content.mimeType.
func fullMime(x exchange) string {
	switch x.mime {
	case "multipart/mixed":
		line, _, _ := strings.Cut(x.body, "\r\n")
		return "multipart/mixed; boundary=" + strings.TrimPrefix(line, "--")
	case "application/json":
		if value(x.respHeaders, "odata-version") != "" {
			return "application/json; odata.metadata=minimal"
		}
		return "application/json; charset=utf-8"
	}
	return x.mime
}

// caching is the Cache-Control of an answer.
func caching(x exchange) string {
	switch x.kind {
	case "script", "stylesheet", "image", "font":
		return "public, max-age=31536000"
	}
	return "no-cache"
}

// accept is what a browser asks for by kind of resource.
func accept(kind string) string {
	switch kind {
	case "document":
		return "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
	case "image":
		return "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
	case "fetch", "xhr":
		return "application/json"
	}
	return "*/*"
}

// destination is Fetch's name for a kind of resource.
func destination(kind string) string {
	switch kind {
	case "fetch", "xhr", "ping":
		return "empty"
	case "stylesheet":
		return "style"
	}
	return kind
}

// joinCookies writes a Cookie header.
func joinCookies(ps []pair) string {
	var parts []string
	for _, p := range ps {
		parts = append(parts, p.Name+"="+p.Value)
	}
	return strings.Join(parts, "; ")
}
