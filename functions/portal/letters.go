package portal

import (
	"bytes"
	"context"
	"html/template"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/pdf"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// letterRoutes are those of the letters that no channel takes: an officer prints
// them, and says when they left (P11: post may be offered).
var letterRoutes = []*route{
	{
		pattern: "GET /v1/letters", id: "listLetters", title: "Letters about requests that wait to be posted, the first to be due first",
		text:  "No channel takes them: the person is known by none, or by WhatsApp alone and was heard there more than a day ago. Ids and instants only.",
		roles: officers, handle: (*function).listLetters,
		query: []string{"cursor", "limit"}, gives: "LetterList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "GET /v1/letters/{id}", id: "getLetter", title: "A letter to print",
		text:  "format says how: json, html or pdf.",
		roles: officers, about: "posting", handle: (*function).getLetter,
		query: []string{"format"}, problems: []string{"not_found", "gone"},
	},
	{
		pattern: "POST /v1/letters/{id}/posting", id: "postLetter", title: "Say when a letter was posted, or handed over",
		text:  "By a named officer, once. The limit by which it was to leave is met; what waited for it goes on.",
		roles: officers, about: "posting", noted: audit.Change, handle: (*function).postLetter,
		schema: "LetterPosting", gives: "Letter", problems: []string{"not_found", "done_already"},
	},
}

// letterView is a letter as it goes out (schema Letter); its words only by itself.
type letterView struct {
	ID        string    `json:"id"`
	RequestID string    `json:"request_id"`
	Template  string    `json:"template"`
	Language  string    `json:"language"`
	QueuedAt  time.Time `json:"queued_at"`
	PostBy    time.Time `json:"post_by"`
	Overdue   bool      `json:"overdue"`
	PostedAt  time.Time `json:"posted_at,omitzero"`
	PostedBy  string    `json:"posted_by,omitempty"`
	Handed    bool      `json:"handed_over,omitempty"`
	Name      string    `json:"name,omitempty"`
	Address   string    `json:"address,omitempty"`
	Subject   string    `json:"subject,omitempty"`
	Text      string    `json:"text,omitempty"`
}

func viewLetter(p *dsar.Posting, now time.Time) letterView {
	return letterView{
		ID: p.ID, RequestID: p.RequestID, Template: p.Template, Language: p.Language, QueuedAt: p.QueuedAt, PostBy: p.PostBy,
		Overdue: p.PostedAt.IsZero() && !now.Before(p.PostBy), PostedAt: p.PostedAt, PostedBy: p.PostedBy, Handed: p.Handed,
		Name: p.Name, Address: p.Address, Subject: p.Subject, Text: p.Text,
	}
}

func (f *function) listLetters(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q, _, err := c.cursor(store.Query{Index: record.ByState, Partition: "posting.waiting"})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxLimit); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Postings, q)
	if err != nil {
		return answer{}, err
	}
	out := list[letterView]{Items: make([]letterView, 0, len(page.Items)), Next: page.Next}
	for _, p := range page.Items {
		out.Items = append(out.Items, viewLetter(p, u.Now()))
	}
	return answer{body: out}, nil
}

// letterPage is a letter on paper: to whom, what about, the words.
var letterPage = template.Must(template.New("letter").Parse(`<!doctype html>
<html lang="{{.Language}}"><meta charset="utf-8"><title>{{.Subject}}</title>
<style>body{font:12pt/1.5 serif;margin:25mm}address{font-style:normal;white-space:pre-line;margin-bottom:20mm}p{white-space:pre-line}</style>
<address>{{.Name}}
{{.Address}}</address>
<h1>{{.Subject}}</h1>
<p>{{.Text}}</p>
</html>
`))

func (f *function) getLetter(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	p, err := work.Load(ctx, u, record.Postings, id)
	if err != nil {
		return answer{}, err
	}
	switch c.r.URL.Query().Get("format") {
	case "", "json":
		return answer{body: viewLetter(p, u.Now())}, nil
	case "html":
		var page bytes.Buffer
		if err := letterPage.Execute(&page, p); err != nil {
			return answer{}, fault.New(fault.Internal, "portal: a letter can't be written")
		}
		return answer{file: &file{name: p.ID + ".html", mime: "text/html", bytes: page.Bytes()}}, nil
	case "pdf":
		lines := []pdf.Line{{Text: p.Name}}
		for l := range strings.SplitSeq(p.Address, "\n") {
			lines = append(lines, pdf.Line{Text: l})
		}
		lines = append(lines, pdf.Line{}, pdf.Line{Text: p.Subject, Heading: true})
		for l := range strings.SplitSeq(p.Text, "\n") {
			lines = append(lines, pdf.Line{Text: l})
		}
		return answer{file: &file{name: p.ID + ".pdf", mime: "application/pdf", bytes: pdf.Write(p.Subject, p.Language, lines)}}, nil
	}
	return answer{}, newProblem("invalid", "format must be json, html or pdf")
}

func (f *function) postLetter(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		PostedAt time.Time `json:"posted_at"`
		Handed   bool      `json:"handed_over"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	p, err := work.Load(ctx, u, record.Postings, id)
	if err != nil {
		return answer{}, err
	}
	if b.PostedAt.IsZero() {
		b.PostedAt = u.Now()
	}
	if err := p.Post(u.Actor().ID, b.PostedAt.UTC(), b.Handed, u.Now()); err != nil {
		return answer{}, err
	}
	work.Save(u, record.Postings, p)
	l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(deadline.Ref{Kind: record.Postings.Name, ID: p.ID}, dsar.PostingLimit))
	if err != nil {
		return answer{}, err
	}
	if ok && l.Meet(p.PostedAt) {
		work.Save(u, record.Limits, l)
	}
	if err := u.Emit(ctx, p.RequestID, &events.DsarStepTaken{Request: p.RequestID, Step: events.StepPosted, Ref: p.ID}); err != nil {
		return answer{}, err
	}
	return answer{body: viewLetter(p, u.Now())}, nil
}
