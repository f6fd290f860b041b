package breachfile

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/pdf"
)

//go:embed texts/*.json
var texts embed.FS

// Languages that documents are written in.
var Languages = []string{"sl", "en", "sk"}

// words are the texts of a language. fault.Invalid: it is none of Languages.
func words(language string) (map[string]string, error) {
	b, err := texts.ReadFile("texts/" + language + ".json")
	if err != nil {
		return nil, fault.New(fault.Invalid, "breach: documents are written in sl, en and sk")
	}
	w := map[string]string{}
	return w, json.Unmarshal(b, &w)
}

// row is one line of a document: a heading and what stands under it.
type row struct{ Head, Text string }

// Render writes a notice's HTML and PDF and their hashes. The same notice gives
// the same bytes. Instants are written in the zone given.
func Render(n *breach.Notice, zone *time.Location) error {
	w, err := words(n.Language)
	if err != nil {
		return err
	}
	title := w["title."+string(n.To)]
	rows := lines(n, w, zone)
	var page bytes.Buffer
	if err := document.Execute(&page, map[string]any{"Language": n.Language, "Title": title, "Rows": rows}); err != nil {
		return fault.New(fault.Internal, "breach: a document can't be written")
	}
	text := []pdf.Line{{Text: title, Heading: true}}
	for _, r := range rows {
		text = append(text, pdf.Line{Text: r.Head, Heading: true}, pdf.Line{Text: r.Text})
	}
	n.HTML, n.PDF = page.Bytes(), pdf.Write(title, n.Language, text)
	n.SHA256, n.PDFSHA256 = digest(n.HTML), digest(n.PDF)
	return nil
}

// Body is a notice as plain text, for the letter that carries it.
func Body(n *breach.Notice, zone *time.Location) (title, text string, err error) {
	w, err := words(n.Language)
	if err != nil {
		return "", "", err
	}
	var b strings.Builder
	for _, r := range lines(n, w, zone) {
		b.WriteString(r.Head + ": " + r.Text + "\n")
	}
	return w["title."+string(n.To)], b.String(), nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

var document = template.Must(template.New("notice").Parse(`<!doctype html>
<html lang="{{.Language}}">
<head><meta charset="utf-8"><title>{{.Title}}</title>
<style>body{font:16px/1.5 sans-serif;max-width:45em;margin:2em auto;padding:0 1em}h2{font-size:1em;margin:1.2em 0 0}p{margin:0;white-space:pre-line}</style></head>
<body><h1>{{.Title}}</h1>
{{range .Rows}}<h2>{{.Head}}</h2><p>{{.Text}}</p>
{{end}}</body></html>
`))

// lines are what a notice says. Persons are told in plain language what
// happened, whom to ask, what may follow and what is done (art. 34(2) GDPR), and
// nothing that names a category of data.
func lines(n *breach.Notice, w map[string]string, zone *time.Location) []row {
	var out []row
	f := n.Form
	add := func(key, text string) {
		if text != "" {
			out = append(out, row{w[key], text})
		}
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format("2. 1. 2006 15:04:05 -07:00")
	}
	if n.Drill {
		add("drill", w["yes"])
	}
	contact := strings.Join(filled(f.Contact.Name, f.Contact.Email, f.Contact.Phone), ", ")
	if n.To == breach.ToPersons || n.To == breach.ToPublic {
		add("nature", f.Facts.PersonsText)
		add("consequences", f.Facts.Consequences)
		add("measures", strings.Join(filled(f.Facts.Measures, f.Facts.Preventive), "\n"))
		add("contact", contact)
		add("from", f.Organisation)
		add("reference", f.Reference)
		return out
	}
	add("reference", f.Reference)
	add("version", strconv.Itoa(n.No)+", "+at(n.ReleasedAt))
	add("earlier", f.Earlier)
	if f.Joint {
		add("joint", w["yes"])
	}
	add("from", strings.Join(filled(f.Organisation, f.Address), ", "))
	add("to", f.AddresseeName)
	add("clause", strings.Join(f.Clauses, "; "))
	add("contact", contact)
	if n.To == breach.ToPlan {
		add("contact_purpose", f.ContactPurpose)
		add("contact_at", at(f.ContactAt))
		return out
	}
	if len(n.Missing) > 0 {
		names := make([]string, len(n.Missing))
		for i, m := range n.Missing {
			names[i] = w[m]
		}
		add("phase", w["missing"]+": "+strings.Join(names, ", "))
	}
	add("occurred_from", at(f.OccurredFrom))
	add("occurred_to", at(f.OccurredTo))
	add("detected_at", at(f.DetectedAt))
	add("aware_at", at(f.AwareAt))
	add("told_by_other_at", at(f.ToldByOtherAt))
	add("late_reasons", f.LateReasons)
	add("discovered", f.Facts.Discovered)
	add("nature", f.Facts.Nature)
	add("kinds", strings.Join(kinds(f.Facts, w), ", "))
	add("cause", strings.Join(filled(f.Facts.IncidentKind, said(f.Facts.External, w["external"]), said(f.Facts.Malicious, w["malicious"])), ", "))
	add("systems", strings.Join(f.Facts.Systems, ", "))
	add("person_categories", strings.Join(f.Facts.PersonCategories, ", "))
	add("persons", count(f.Facts.Persons, f.Facts.PersonsExact, w))
	add("data_categories", strings.Join(f.Facts.DataCategories, ", "))
	add("records", count(f.Facts.Records, f.Facts.RecordsExact, w))
	add("unintelligible", said(f.Facts.Unintelligible, w["yes"]))
	add("consequences", f.Facts.Consequences)
	add("measures", f.Facts.Measures)
	add("preventive", f.Facts.Preventive)
	add("severity", w[f.Severity])
	risk := string(f.Risk)
	if f.Risk == breach.Likely {
		risk = "likely"
	}
	add("risk", w[risk])
	add("persons_told", strings.Join(filled(w[f.PersonsTold], at(f.PersonsToldAt), f.PersonsGround), ", "))
	add("police", said(f.Facts.Police, w["yes"]))
	add("other_bodies", strings.Join(f.Facts.OtherBodies, ", "))
	add("cross_border", strings.Join(f.Facts.CrossBorder, ", "))
	return out
}

func filled(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

func said(v bool, word string) string {
	if v {
		return word
	}
	return ""
}

func kinds(f breach.Facts, w map[string]string) []string {
	return filled(said(f.Confidentiality, w["confidentiality"]), said(f.Integrity, w["integrity"]), said(f.Availability, w["availability"]))
}

func count(n int64, exact bool, w map[string]string) string {
	switch {
	case n == 0:
		return ""
	case exact:
		return strconv.FormatInt(n, 10)
	}
	return w["approximately"] + " " + strconv.FormatInt(n, 10)
}
