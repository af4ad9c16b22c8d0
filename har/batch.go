package har

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// isBatch reports whether a URL is that of an OData $batch.
func isBatch(url string) bool {
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		url = url[:i]
	}
	last := url[strings.LastIndexByte(url, '/')+1:]
	return len(last) < len(url) && (strings.EqualFold(last, "$batch") || strings.EqualFold(last, "%24batch"))
}

// SplitBatch returns the parts of the $batch response that e stands for, none where it cannot be taken apart.
// Response is its multipart or JSON body, request the posted one or "".
func SplitBatch(e Entry, contentType, response, request string, o Options) []Entry {
	var asked, replied []message
	if isObject(request) {
		asked = jsonMessages(request, "requests")
	} else {
		asked = requests(request)
	}
	if isObject(response) {
		replied = jsonMessages(response, "responses")
		matchByID(replied, asked)
	} else {
		replied = replies(response, contentType)
		matchByOrder(replied, asked)
	}
	parts := make([]Entry, len(replied))
	// The clones let go of the batch: a part that is kept would otherwise keep all of it, posted data included.
	for i, m := range replied {
		part := Entry{
			Index: e.Index, Part: i + 1, Pointer: e.Pointer, Offset: e.Offset, Time: e.Time, Mark: e.Mark,
			Method: strings.Clone(m.method), URL: strings.Clone(resolve(e.URL, m.url)),
			Status: m.status, MIMEType: strings.Clone(m.kind),
			HasBody: strings.TrimSpace(m.body) != "",
		}
		if o.wants(part.Status, part.Method, part.URL) {
			part.Body = strings.Clone(m.body)
		}
		parts[i] = part
	}
	return parts
}

// isObject tells a JSON batch from a multipart one; the content type is often lost.
func isObject(text string) bool { return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") }

// jsonMessages reads the list of requests or responses of a JSON batch, as far as it goes.
func jsonMessages(text, list string) []message {
	var found []message
	dec := newDecoder(strings.NewReader(text))
	// A batch that was cut off keeps the messages before the cut.
	_ = members(dec, func(name string) error {
		if name != list {
			return dec.SkipValue()
		}
		return elements(dec, func() error {
			m, err := jsonMessage(dec)
			if err == nil && len(found) < maxParts {
				found = append(found, m)
			}
			return err
		})
	})
	return found
}

// jsonMessage reads one request or response. Ids are strings by the standard, numbers with some clients.
func jsonMessage(dec *jsontext.Decoder) (message, error) {
	var m message
	err := members(dec, func(name string) error {
		v, err := dec.ReadValue()
		if err != nil {
			return err
		}
		switch name {
		case "id":
			m.id = decode(v, "")
		case "method":
			m.method = unquote(v)
		case "url":
			m.url = unquote(v)
		case "status":
			m.status = status(v)
		case "headers":
			m.kind = contentType(v)
		case "body":
			m.body = decode(v, "")
		}
		return nil
	})
	return m, err
}

// matchByID gives the replies of a JSON batch the method and URL of their requests. They come in any order, so a reply
// without a known id stays without a request rather than being given a wrong one.
func matchByID(replies, requests []message) {
	for i := range replies {
		if q := byID(requests, replies[i].id); q != nil {
			replies[i].method, replies[i].url = q.method, q.url
		}
	}
}

// matchByOrder gives every reply of a multipart batch the method and URL of the request that it answers. Requests and
// change sets are answered in the order in which they were posted; the answers stop at the first refusal unless the
// client asked to continue on error.
func matchByOrder(replies, requests []message) {
	posted := operations(requests)
	for i, answered := range operations(replies) {
		var operation []message
		if i < len(posted) {
			operation = posted[i]
		}
		for j := range answered {
			reply := &answered[j]
			// Content-IDs need to be unique within a change set only.
			q := byID(operation, reply.id)
			if q == nil {
				q = byID(requests, reply.id)
			}
			if q == nil && len(operation) > 0 {
				// A change set that failed is answered by one refusal for all its requests. Without a Content-ID
				// nothing tells which of them it was; the first one is the one that most often is.
				q = &operation[min(j, len(operation)-1)]
			}
			if q != nil {
				reply.method, reply.url = q.method, q.url
			}
		}
	}
}

// byID returns the message with that id, nil for none or for an empty id.
func byID(messages []message, id string) *message {
	for i := range messages {
		if id != "" && messages[i].id == id {
			return &messages[i]
		}
	}
	return nil
}

// operations groups messages into what a batch executes one after the other: a single request or a whole change set.
func operations(messages []message) [][]message {
	var groups [][]message
	for start := 0; start < len(messages); {
		end := start + 1
		for set := messages[start].set; set != 0 && end < len(messages) && messages[end].set == set; {
			end++
		}
		groups = append(groups, messages[start:end])
		start = end
	}
	return groups
}

// resolve makes the URL of a part absolute. It works on the text, for a part's URL may hold what a URL parser refuses.
func resolve(base, ref string) string {
	folder, _, _ := strings.Cut(base, "?")
	folder = folder[:strings.LastIndexByte(folder, '/')+1]
	path, _, _ := strings.Cut(ref, "?")
	switch {
	case ref == "":
		return base
	case strings.Contains(path, "://"):
		return ref
	case !strings.HasPrefix(ref, "/") || !strings.Contains(folder, "://"):
		return folder + ref // accounts(1), or $1/contacts for what request 1 of the change set makes
	}
	host := strings.Index(folder, "://") + len("://")
	if end := strings.IndexByte(folder[host:], '/'); end >= 0 {
		return folder[:host+end] + ref
	}
	return folder + ref
}
