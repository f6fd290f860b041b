package dossier

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/redact"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Format names the form of package.json; Schema describes it.
const Format = "okence.org/access-package/v1"

// Schema is the JSON Schema of package.json, published at /openapi.json too.
//
//go:embed package.schema.json
var Schema []byte

// Document is package.json.
type Document struct {
	Format       string         `json:"format"`
	Form         dossier.Form   `json:"form"`
	Tenant       string         `json:"tenant"`
	Request      string         `json:"request"`
	Language     string         `json:"language"`
	CreatedAt    time.Time      `json:"created_at"`
	Confirmation bool           `json:"confirmation"` // whether personal data of the person are processed
	Persons      []string       `json:"persons"`      // ids under which the person is known
	Information  []Item         `json:"information,omitempty"`
	Records      []Record       `json:"records"`
	Log          []ledger.Shown `json:"log,omitempty"` // who saw, changed and disclosed what, with proofs
	Redactions   []Cut          `json:"redactions"`
}

// Record is one record in which the person stands.
type Record struct {
	Kind       string            `json:"kind"`
	ID         string            `json:"id"`
	Fields     map[string]any    `json:"fields"`
	Categories map[string]string `json:"categories"` // of the personal fields
	Files      []File            `json:"files,omitempty"`
	Erased     bool              `json:"erased,omitempty"` // a part was erased before
}

// File is a file of a record: in the archive under Path, or withheld.
type File struct {
	Path     string        `json:"path,omitempty"`
	Name     string        `json:"name,omitempty"`
	Mime     string        `json:"mime,omitempty"`
	Withheld redact.Reason `json:"withheld,omitempty"`

	bytes []byte
}

// Sources is what a package is made from, beside the unit.
type Sources struct {
	Tree   store.Store // of the processing log
	Terms  *policy.Terms
	Naming ledger.Naming
}

// Built is a package before it is packed.
type Built struct {
	Document
	Cuts []Cut // all places, with what stands there: for a reviewer
	Open int   // doubtful places without a verdict
}

// Build gathers and redacts what a package of a request holds. It reads, and
// notes that the person's records were seen; it stores nothing.
func Build(ctx context.Context, u *work.Unit, src Sources, p *dossier.Package) (*Built, error) {
	g, err := Gather(ctx, u, p.ContactIDs)
	if err != nil {
		return nil, err
	}
	b := &Built{Document: Document{
		Format: Format, Form: p.Form, Tenant: u.Tenant(), Request: p.RequestID, Language: p.Language, CreatedAt: u.Now(),
		Confirmation: len(g.Records) > 0, Persons: p.ContactIDs, Records: []Record{}, Redactions: []Cut{},
	}}
	w := newWalker(g, p.Verdicts)
	f := newFiler(g, w)
	for _, o := range g.Records {
		if p.Form == dossier.Portability && (f.sent(o.ID) || !portable(o, src.Terms, g)) {
			continue
		}
		r, err := w.record(o, p.Form)
		if err != nil {
			return nil, err
		}
		if r.Files, err = f.files(ctx, u, o); err != nil {
			return nil, err
		}
		b.Records = append(b.Records, r)
	}
	if p.Form == dossier.Access {
		for _, id := range g.Apart {
			w.cuts = append(w.cuts, Cut{Place: "message/" + id, Reason: redact.OtherParty})
		}
		b.Information = Information(src.Terms, g, p.Language)
		if b.Log, err = mine(ctx, u, src, p.ContactIDs); err != nil {
			return nil, err
		}
	}
	b.Cuts = w.cuts
	for _, c := range w.cuts {
		if c.Doubtful && !c.Decided {
			b.Open++
		}
		if !c.Shown {
			b.Redactions = append(b.Redactions, c)
		}
	}
	for i := range b.Information { // what only the finished copy can say
		if b.Information[i].Name == "copy" {
			b.Information[i].Text = []string{Say("copy_text", p.Language, "records", itoa(len(b.Records)), "cuts", itoa(len(b.Redactions)))}
		}
	}
	return b, nil
}

// record shows one record.
func (w *walker) record(o *work.Owned, form dossier.Form) (Record, error) {
	fields, err := w.fields(o)
	if err != nil {
		return Record{}, err
	}
	r := Record{Kind: o.Shape.Name, ID: o.ID, Fields: fields, Categories: map[string]string{}, Erased: o.Gone}
	for _, f := range o.Shape.Fields {
		key := jsonName(o.Rec, f.Name)
		if _, ok := fields[key]; !ok || !f.Personal {
			continue
		}
		if form == dossier.Portability && (f.Category == record.Activity || f.Category == record.Credential || f.Purpose != record.ForService) {
			delete(fields, key) // observed or made by us, not supplied by the person
			continue
		}
		r.Categories[key] = string(f.Category)
	}
	return r, nil
}

// mine is the processing log about the person.
func mine(ctx context.Context, u *work.Unit, src Sources, subjects []string) ([]ledger.Shown, error) {
	naming := src.Naming
	if naming == "" {
		naming = ledger.ByPseudonym
	}
	r := ledger.Reader{Unit: u, Tree: src.Tree, Naming: naming}
	var out []ledger.Shown
	for _, s := range subjects {
		for cursor := ""; ; {
			page, next, err := r.Mine(ctx, s, cursor, ledger.MaxPage)
			if err != nil {
				return nil, err
			}
			out = append(out, page...)
			if cursor = next; next == "" {
				break
			}
		}
	}
	return out, nil
}

// Supplied is a record that says who supplied it, by its technical fields.
type Supplied interface{ Supplied() bool }

// portable reports whether a record belongs in a portable copy: automated, on
// consent or contract, and supplied by the person (art. 20(1); P18). What we wrote,
// concluded or logged does not.
func portable(o *work.Owned, terms *policy.Terms, g *Gathered) bool {
	if s, ok := o.Rec.(Supplied); ok && !s.Supplied() {
		return false
	}
	personal := false
	for _, f := range o.Shape.Fields {
		personal = personal || f.Personal && f.Purpose == record.ForService
	}
	return personal && onConsentOrContract(terms, g, o)
}

// onConsentOrContract looks at the class of the conversation that the record
// stands in, or else at every class that the person has.
func onConsentOrContract(terms *policy.Terms, g *Gathered, o *work.Owned) bool {
	var classes []policy.Class
	for _, c := range g.conversations {
		if c.ID == o.ID || conversationOf(o) == c.ID || conversationOf(o) == "" {
			classes = append(classes, policy.Class(c.Class))
		}
	}
	if len(classes) == 0 {
		return true // an address without a conversation was supplied with the first message
	}
	for _, class := range classes {
		for _, p := range terms.Processings {
			if b, ok := p.Basis[class]; ok && p.On() && (b == policy.Consent || b == policy.Contract) {
				return true
			}
		}
	}
	return false
}

func conversationOf(o *work.Owned) string {
	if o.Shape == record.Conversations.Shape {
		return o.ID
	}
	s, _ := fieldIf(o.Rec, "ConversationID").(string)
	return s
}

// numbered is the path of a file in the archive.
func numbered(n int, name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if len(name) > 100 {
		name = strings.ToValidUTF8(name[len(name)-100:], "")
	}
	if strings.Trim(name, ". ") == "" {
		name = "file"
	}
	return fmt.Sprintf("files/%04d-%s", n, name)
}
