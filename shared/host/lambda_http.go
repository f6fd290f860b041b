//go:build !gcp

package host

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/okence/okence/shared/fault"
)

// maxAnswer is the greatest answer of an invocation in bytes (AWS Lambda quotas:
// 6 MB), with room for what JSON and base64 add.
const maxAnswer = 4 << 20

// request is an HTTP request as function URLs and HTTP APIs send it.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
type request struct {
	RawPath         string            `json:"rawPath"`
	RawQueryString  string            `json:"rawQueryString"`
	Cookies         []string          `json:"cookies"`
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	RequestContext  struct {
		Stage      string `json:"stage"`
		DomainName string `json:"domainName"`
		HTTP       struct {
			Method   string `json:"method"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"`
	} `json:"requestContext"`
}

// response is what they take.
type response struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers,omitempty"`
	Cookies         []string          `json:"cookies,omitempty"`
	Body            string            `json:"body,omitempty"`
	IsBase64Encoded bool              `json:"isBase64Encoded,omitempty"`
}

// request serves an HTTP request by the function's routes, as our own server
// would. The receiver of events is not there: events come to a Lambda as events.
func (i *invoker) request(ctx context.Context, payload []byte) ([]byte, error) {
	var in request
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, unknownShape()
	}
	r, err := in.toHTTP(ctx)
	if err != nil {
		return nil, err
	}
	w := &recorder{header: http.Header{}}
	if r.Method == http.MethodPost && r.URL.Path == "/" && len(i.f.Manifest.Consumes) > 0 {
		WriteProblem(w, fault.New(fault.NotFound, "events come to a Lambda as events"))
	} else {
		i.http.ServeHTTP(w, r)
	}
	return json.Marshal(w.answer())
}

// toHTTP rebuilds the request byte for byte: signatures are computed over its
// body, its query and its URL.
func (in *request) toHTTP(ctx context.Context) (*http.Request, error) {
	body := []byte(in.Body)
	if in.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(in.Body); err != nil {
			return nil, fault.New(fault.Invalid, "lambda: the body is not base64")
		}
	}
	path := in.RawPath
	if stage := in.RequestContext.Stage; stage != "" && stage != "$default" { // HTTP APIs with a named stage
		path = strings.TrimPrefix(path, "/"+stage)
	}
	if path == "" {
		path = "/"
	}
	u, err := url.ParseRequestURI(path)
	if err != nil {
		u = &url.URL{Path: path} // an HTTP API decodes it
	}
	u.RawQuery = in.RawQueryString
	r := &http.Request{
		Method: in.RequestContext.HTTP.Method, URL: u, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, len(in.Headers)), Body: readOnce{bytes.NewReader(body)}, ContentLength: int64(len(body)),
		Host: in.RequestContext.DomainName, RemoteAddr: net.JoinHostPort(in.RequestContext.HTTP.SourceIP, "0"), RequestURI: u.RequestURI(),
	}
	for k, v := range in.Headers { // one value each: Lambda joins several with commas
		r.Header.Set(k, v)
	}
	if h := r.Header.Get("Host"); h != "" {
		r.Host = h
		r.Header.Del("Host")
	}
	if len(in.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(in.Cookies, "; "))
	}
	return r.WithContext(ctx), nil
}

type readOnce struct{ *bytes.Reader }

func (readOnce) Close() error { return nil }

// recorder keeps an answer.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when the answer began
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 && w.header.Get("Content-Type") == "" {
		w.header.Set("Content-Type", http.DetectContentType(p))
	}
	w.WriteHeader(http.StatusOK)
	if w.body.Len()+len(p) > maxAnswer {
		return 0, fault.New(fault.TooLarge, "lambda: an answer of over %d bytes", maxAnswer)
	}
	return w.body.Write(p)
}

func (w *recorder) answer() response {
	w.WriteHeader(http.StatusOK)
	out := response{StatusCode: w.status, Headers: map[string]string{}, Body: w.body.String()}
	for k, vs := range w.sent {
		if k == "Set-Cookie" {
			out.Cookies = vs
			continue
		}
		out.Headers[k] = strings.Join(vs, ", ")
	}
	if !utf8.Valid(w.body.Bytes()) {
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(w.body.Bytes()), true
	}
	return out
}
