package standin

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxPayload is the greatest request that an HTTP API takes: 10 MB, of which
// Lambda takes 6.
const maxPayload = 6 << 20

// Handler is the HTTP API: each route key goes to its function as an event of
// payload version 2.0. GET and POST /dev/clock are the clock's.
func (s *Standin) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/dev/clock", s.serveClock)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	for _, f := range s.functions {
		for _, key := range f.manifest.Routes {
			method, path, _ := strings.Cut(key, " ")
			pattern := strings.ReplaceAll(path, "+}", "...}")
			if method != "ANY" {
				pattern = method + " " + pattern
			}
			mux.Handle(pattern, f)
		}
	}
	return mux
}

// ServeHTTP invokes the function with a request.
func (f *function) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	payload, err := json.Marshal(requestEvent(r, body))
	if err != nil {
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	}
	answer, err := f.process.Invoke(payload, f.limit)
	var a struct {
		StatusCode      int               `json:"statusCode"`
		Headers         map[string]string `json:"headers"`
		Cookies         []string          `json:"cookies"`
		Body            string            `json:"body"`
		IsBase64Encoded bool              `json:"isBase64Encoded"`
	}
	if err == nil {
		err = json.Unmarshal(answer, &a)
	}
	if err != nil { // as an HTTP API answers when its integration fails
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, `{"message":"Internal Server Error"}`)
		return
	}
	for k, v := range a.Headers {
		w.Header().Set(k, v)
	}
	for _, c := range a.Cookies {
		w.Header().Add("Set-Cookie", c)
	}
	out := []byte(a.Body)
	if a.IsBase64Encoded {
		if out, err = base64.StdEncoding.DecodeString(a.Body); err != nil {
			a.StatusCode, out = http.StatusBadGateway, nil
		}
	}
	w.WriteHeader(a.StatusCode)
	_, _ = w.Write(out) // the client may have hung up
}

// requestEvent is a request as an HTTP API sends it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func requestEvent(r *http.Request, body []byte) map[string]any {
	headers := map[string]string{"host": r.Host}
	for k, vs := range r.Header {
		if k != "Cookie" {
			headers[strings.ToLower(k)] = strings.Join(vs, ",")
		}
	}
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	event := map[string]any{
		"version": "2.0", "routeKey": "$default", "rawPath": r.URL.EscapedPath(), "rawQueryString": r.URL.RawQuery, "headers": headers,
		"requestContext": map[string]any{
			"stage": "$default", "domainName": r.Host,
			"http": map[string]string{"method": r.Method, "path": r.URL.Path, "sourceIp": source, "protocol": r.Proto},
		},
		"body": string(body), "isBase64Encoded": false,
	}
	if !utf8.Valid(body) {
		event["body"], event["isBase64Encoded"] = base64.StdEncoding.EncodeToString(body), true
	}
	if cs := r.Header.Values("Cookie"); len(cs) > 0 {
		event["cookies"] = strings.Split(strings.Join(cs, "; "), "; ")
	}
	return event
}
