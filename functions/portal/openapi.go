package portal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/channel/callevent"
	"github.com/okence/okence/shared/channel/standard"
)

//go:embed schemas/*.json
var schemas embed.FS

//go:embed docs.html
var docs []byte

type object = map[string]any

// everywhere are the problems that any route may answer with; onWrite those of
// writes besides.
var (
	everywhere = []string{
		string(access.NoToken), string(access.BadToken), string(access.Expired), string(access.Premature), string(access.WrongIssuer),
		string(access.WrongAudience), string(access.WrongTenant), string(access.NoRole), string(access.NoSecondFactor),
		"forbidden", "invalid", "overload", "unavailable", "internal",
	}
	onWrite = []string{"too_large", "idempotency_key_reused", "idempotency_key_in_use", "conflict"}
)

// parts are what schemas/*.json describe, a file for each part of the API.
type parts struct {
	Parameters object `json:"parameters"`
	Schemas    object `json:"schemas"`
}

// schemaParts is all of them together. A name stands in one file only.
func schemaParts() parts {
	all := parts{object{}, object{}}
	files, _ := fs.Glob(schemas, "schemas/*.json") // fails on a bad pattern alone
	for _, name := range files {
		text, err := schemas.ReadFile(name)
		var p parts
		if err == nil {
			err = json.Unmarshal(text, &p)
		}
		if err != nil {
			panic("portal: " + name + ": " + err.Error())
		}
		for _, of := range []struct{ into, from object }{{all.Parameters, p.Parameters}, {all.Schemas, p.Schemas}} {
			for key, schema := range of.from {
				if of.into[key] != nil {
					panic("portal: " + name + ": " + key + " is described twice")
				}
				of.into[key] = schema
			}
		}
	}
	return all
}

// openAPI is the description of the API, OpenAPI 3.1, made once.
var openAPI = sync.OnceValue(func() []byte {
	parts := schemaParts()
	parts.Schemas["LiveChatMessage"] = json.RawMessage(standard.Schema)
	parts.Schemas["CallEvent"] = json.RawMessage(callevent.Schema)
	for name, schema := range eventSchemas() {
		parts.Schemas[name] = schema
	}
	paths := object{}
	for _, r := range routes {
		method, path, _ := strings.Cut(r.pattern, " ")
		item, _ := paths[path].(object)
		if item == nil {
			item = object{}
			paths[path] = item
		}
		item[strings.ToLower(method)] = r.operation()
	}
	for path, op := range map[string]object{
		"/openapi.json": {"operationId": "getDescription", "summary": "This description", "tags": []string{"description"}, "security": []any{}, "responses": object{"200": object{"description": "OpenAPI 3.1", "content": object{"application/json": object{}}}}},
		"/docs":         {"operationId": "getDocs", "summary": "This description as a page", "tags": []string{"description"}, "security": []any{}, "responses": object{"200": object{"description": "HTML", "content": object{"text/html": object{}}}}},
	} {
		paths[path] = object{"get": op}
	}
	doc := object{
		"openapi":           "3.1.0",
		"jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
		"info": object{
			"title": "Okence", "version": "1", "license": object{"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
			"description": "The portals' API of a public-service contact centre. Errors are problem details (RFC 9457) with stable types. Every read and every refusal stands in the processing log.",
		},
		"servers":  []any{object{"url": "/"}},
		"security": []any{object{"bearer": []any{}}},
		"paths":    paths,
		"webhooks": object{
			"livechat/standard": ownWebhook("postLiveChat", "livechat/standard", "what a person wrote in a live chat", "LiveChatMessage"),
			"voice/event":       ownWebhook("postCallEvent", "voice/event", "a step of a phone call", "CallEvent"),
		},
		"components": object{
			"schemas": parts.Schemas, "parameters": parts.Parameters,
			"securitySchemes": object{"bearer": object{
				"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
				"description": "An OIDC access token with the claims okence_tenant and okence_role; every role but producer and subject needs a second factor in amr (RFC 8176): " +
					"mfa, mca, otp, hwk, swk, pop, sc, sms, tel, fpt, face or iris.",
			}},
		},
	}
	out, err := json.Marshal(doc)
	if err != nil {
		panic("portal: " + err.Error())
	}
	return out
})

// ownWebhook is a webhook whose body is of our own format.
func ownWebhook(id, account, what, schema string) object {
	return object{"post": object{
		"operationId": id, "tags": []string{"webhooks"}, "summary": "POST /webhooks/{tenant}/" + account + ": " + what,
		"description": "Signed by Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature). Answered 200 once it is durable; 401 with an empty body for a bad signature.",
		"security":    []any{}, "requestBody": body("application/json", schema),
		"responses": object{"200": object{"description": "Durable"}, "401": object{"description": "Not signed by the account's secret"}},
	}}
}

func (r *route) operation() object {
	op := object{"operationId": r.id, "summary": r.title, "tags": []string{r.tag()}, "x-roles": r.roles}
	if r.text != "" {
		op["description"] = r.text
	}
	params := []any{parameter("Case")}
	for _, name := range r.query {
		params = append(params, parameter(name))
	}
	for _, name := range []string{"file", "id", "index", "queue"} {
		if strings.Contains(r.pattern, "{"+name+"}") {
			params = append(params, parameter(name))
		}
	}
	status, write := "200", strings.HasPrefix(r.pattern, http.MethodPost)
	if r.status != 0 {
		status = strconv.Itoa(r.status)
	}
	success := object{"description": "Done"}
	if r.gives != "" {
		success["content"] = content("application/json", r.gives)
	} else {
		success["description"] = "The file"
		success["content"] = object{"application/octet-stream": object{}}
	}
	if write {
		params = append(params, parameter("IdempotencyKey"))
		success["headers"] = object{replayedHeader: object{"description": "true: this answer was given before", "schema": object{"const": "true"}}}
	}
	op["parameters"] = params
	switch r.schema {
	case "":
	case "Event":
		op["requestBody"] = object{"required": true, "content": object{
			cloudevent.MediaType:      object{"schema": ref("Event")},
			cloudevent.BatchMediaType: object{"schema": object{"type": "array", "items": ref("Event"), "maxItems": cloudevent.MaxBatch}},
			"application/json":        object{"schema": object{"description": "Binary mode: the data; attributes are ce- headers."}},
		}}
	default:
		op["requestBody"] = body("application/json", r.schema)
	}
	responses := object{status: success}
	for _, name := range r.allProblems(write) {
		p := problems[name]
		code := strconv.Itoa(p.status)
		was, _ := responses[code].(object)
		if was == nil {
			was = object{"description": "", "content": content("application/problem+json", "Problem")}
			responses[code] = was
		}
		was["description"] = strings.TrimPrefix(was["description"].(string)+"; "+name+": "+p.title, "; ")
	}
	op["responses"] = responses
	return op
}

func (r *route) allProblems(write bool) []string {
	all := append(append([]string{}, everywhere...), r.problems...)
	if write {
		all = append(all, onWrite...)
	}
	return all
}

// tag groups routes by the first part of their path that says something.
func (r *route) tag() string {
	_, path, _ := strings.Cut(r.pattern, " ")
	part := strings.Split(strings.TrimPrefix(strings.TrimPrefix(path, "/"), "v1/"), "/")
	return part[0]
}

func ref(name string) object       { return object{"$ref": "#/components/schemas/" + name} }
func parameter(name string) object { return object{"$ref": "#/components/parameters/" + name} }
func body(media, name string) object {
	return object{"required": name != "UnmergeRequest", "content": content(media, name)}
}
func content(media, name string) object { return object{media: object{"schema": ref(name)}} }

// eventSchemas are those of the catalogue: each event's data under its type,
// and all of them as Event.
func eventSchemas() object {
	out := object{}
	var anyOf []any
	for _, t := range events.Types() {
		out[t.Name] = json.RawMessage(events.Schema(t.Name))
		anyOf = append(anyOf, object{"properties": object{"type": object{"const": t.Name}, "data": ref(t.Name)}})
	}
	out["Event"] = object{
		"description": "A CloudEvent 1.0 of the catalogue, in the JSON format.",
		"type":        "object", "required": []string{"specversion", "id", "source", "type", "tenant", "data"},
		"properties": object{
			"specversion": object{"const": "1.0"}, "id": ref("Id"), "source": object{"type": "string", "pattern": "^[A-Za-z0-9._:/-]{1,200}$"},
			"type": object{"type": "string"}, "time": ref("Instant"), "subject": ref("Id"), "tenant": object{"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,31}$"},
			"actor": ref("Id"), "traceparent": object{"type": "string"}, "datacontenttype": object{"const": "application/json"},
		},
		"oneOf": anyOf,
	}
	return out
}

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(openAPI()) // the client may have hung up
}

// docsPolicy lets the page run its own script and style, by their hashes, and
// fetch the description; nothing else.
var docsPolicy = sync.OnceValue(func() string {
	return "default-src 'none'; connect-src 'self'; script-src " + hashOf("script") + "; style-src " + hashOf("style") +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
})

func hashOf(element string) string {
	_, rest, _ := bytes.Cut(docs, []byte("<"+element+">"))
	inside, _, _ := bytes.Cut(rest, []byte("</"+element+">"))
	sum := sha256.Sum256(inside)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func serveDocs(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", docsPolicy())
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(docs) // the client may have hung up
}
