package portal

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/work"
)

// problemBase is before the name of a problem in its type. The types are
// stable: a client may rely on them.
const problemBase = "https://okence.org/problems/"

// problem is an answer that says what went wrong (RFC 9457). Nothing in it is a
// value that somebody sent or that is stored: Detail is constant text and
// opaque ids.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// Error is the problem's type.
func (p *problem) Error() string { return p.Type }

// name is the last part of its type.
func (p *problem) name() string { return strings.TrimPrefix(p.Type, problemBase) }

// problems are all that there are, by name.
var problems = map[string]struct {
	status int
	title  string
}{
	string(access.NoToken):        {401, "A bearer token is needed"},
	string(access.BadToken):       {401, "The token is not one that this API takes"},
	string(access.Expired):        {401, "The token has expired"},
	string(access.Premature):      {401, "The token is not valid yet"},
	string(access.WrongIssuer):    {401, "The token is of another issuer"},
	string(access.WrongAudience):  {401, "The token is for another API"},
	string(access.WrongTenant):    {401, "The token is for a tenant that is not served here"},
	string(access.NoRole):         {401, "The token carries no role of ours"},
	string(access.NoSecondFactor): {401, "The role needs a second factor, which the token does not prove"},

	"forbidden":          {403, "Your role may not do this"},
	"restricted":         {403, "The person's data is restricted"},
	"foreign-tenant":     {403, "The event is for another tenant than the token"},
	"not-found":          {404, "There is no such thing"},
	"method-not-allowed": {405, "Not by this method"},

	"invalid-request":         {400, "The request is malformed"},
	"bad-cursor":              {400, "The cursor does not belong to this list"},
	"invalid-event":           {400, "The event is not of its published schema"},
	"too-large":               {413, "The body is too large"},
	"unsupported-media-type":  {415, "The body is of another media type than this route takes"},
	"idempotency-key-reused":  {422, "The idempotency key was used for another request"},
	"idempotency-key-in-use":  {409, "A request with this idempotency key is under way"},
	"conflict":                {409, "Somebody else changed it at the same time"},
	"merge-self":              {422, "A thing can't be merged into itself"},
	"already-merged":          {409, "One of the two has been merged into something else"},
	"merge-loop":              {409, "The target belongs to what was to be merged into it"},
	"too-many-parts":          {409, "Too many parts under one head"},
	"not-merged":              {409, "It is not merged"},
	"part-unclear":            {422, "Several parts are merged here: say which in \"from\""},
	"already-redriven":        {409, "The dead letter has been redriven already"},
	"media-infected":          {403, "The file is infected and is not handed out"},
	"media-pending":           {409, "The file is still being fetched"},
	"media-unavailable":       {410, "The file could not be had from the provider"},
	"gone":                    {410, "It has been erased"},
	"unprocessable":           {422, "The request can't succeed"},
	"overload":                {429, "Too much at once"},
	"temporarily-unavailable": {503, "Something that this needs is not available"},
	"internal":                {500, "A defect of ours"},
}

func newProblem(name, detail string) *problem {
	k, ok := problems[name]
	if !ok {
		return newProblem("internal", "")
	}
	return &problem{Type: problemBase + name, Title: k.title, Status: k.status, Detail: detail}
}

// byKind names the problem for an error of the unit of work.
var byKind = map[fault.Kind]string{
	fault.Invalid: "invalid-request", fault.Unauthenticated: string(access.BadToken), fault.Forbidden: "restricted",
	fault.NotFound: "not-found", fault.Gone: "gone", fault.Conflict: "conflict", fault.TooLarge: "too-large",
	fault.Poison: "unprocessable", fault.Overload: "overload", fault.Unavailable: "temporarily-unavailable",
}

// byRule names the problem for a refusal of the merge rules.
var byRule = map[error]string{
	conversation.ErrSelf: "merge-self", conversation.ErrMerged: "already-merged", conversation.ErrLoop: "merge-loop",
	conversation.ErrTooMany: "too-many-parts", conversation.ErrNoMerge: "not-merged",
}

// problemOf is the problem that an error is to a client. Details of the unit of
// work are told only where they say what to change; what is not there and what
// is another tenant's look the same.
func problemOf(err error) *problem {
	var p *problem
	var refused access.Refusal
	var f *fault.Error
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refused):
		return newProblem(string(refused), "")
	case errors.Is(err, work.ErrOtherRequest):
		return newProblem("idempotency-key-reused", "")
	}
	for rule, name := range byRule {
		if errors.Is(err, rule) {
			return newProblem(name, "")
		}
	}
	detail := ""
	if fault.Is(err, fault.Invalid) && errors.As(err, &f) {
		detail = f.Text
	}
	name, ok := byKind[fault.Of(err)]
	if !ok {
		name = "internal"
	}
	return newProblem(name, detail)
}

// write answers with the problem.
func (p *problem) write(w http.ResponseWriter) {
	h := w.Header()
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", challenge(p.name()))
	}
	if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
		h.Set("Retry-After", "5")
	}
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may have hung up
}

// challenge is the WWW-Authenticate header for a refused token: RFC 6750,
// section 3, and RFC 9470 for a missing second factor.
func challenge(name string) string {
	switch access.Refusal(name) {
	case access.NoToken:
		return `Bearer realm="okence"`
	case access.NoSecondFactor:
		return `Bearer realm="okence", error="insufficient_user_authentication", error_description="` + name + `"`
	}
	return `Bearer realm="okence", error="invalid_token", error_description="` + name + `"`
}
