package host

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/okence/okence/shared/fault"
)

// Problem is an error as RFC 9457 has it. Type is stable: a client may decide by
// it. Nothing in it quotes the request.
type Problem struct {
	Type   string `json:"type"` // urn:okence:problem: and the fault's kind
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Missing names what a request lacks, item by item, where it is refused for it.
	Missing []string `json:"missing,omitempty"`
	ID      string   `json:"id,omitempty"` // of a defect of ours: what to look for in the log
}

// titles by kind; the same text whenever the type is the same (RFC 9457, 3.1.3).
var titles = map[fault.Kind]string{
	fault.Invalid:         "The request is malformed.",
	fault.Unauthenticated: "There is no valid proof of who is asking.",
	fault.Forbidden:       "It is not allowed.",
	fault.NotFound:        "There is no such thing.",
	fault.Gone:            "It has been erased.",
	fault.Conflict:        "Somebody else changed it first.",
	fault.TooLarge:        "The request is too large.",
	fault.Poison:          "The event can't be handled and has been set aside.",
	fault.Overload:        "Too much at once.",
	fault.Unavailable:     "Something that is needed can't be reached.",
	fault.Internal:        "A defect of ours.",
}

// ProblemOf is the problem that an error is. What lies behind a defect or a
// broken dependency is for the log, not for the client.
func ProblemOf(err error) Problem {
	kind := fault.Of(err)
	p := Problem{Type: "urn:okence:problem:" + string(kind), Title: titles[kind], Status: fault.Status(kind)}
	var f *fault.Error
	if errors.As(err, &f) && kind != fault.Internal && kind != fault.Unavailable {
		p.Detail = f.Text
	}
	return p
}

// WriteProblem answers with an error's problem.
func WriteProblem(w http.ResponseWriter, err error) { ProblemOf(err).Write(w) }

// Write answers with the problem; one that passes asks to be tried again in a
// second.
func (p Problem) Write(w http.ResponseWriter) {
	body, _ := json.Marshal(p) // strings and a number
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the client may have hung up
}
