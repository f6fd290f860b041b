package portal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/deadline"
	model "github.com/okence/okence/shared/domain/dossier"
	letters "github.com/okence/okence/shared/domain/notice"
	"github.com/okence/okence/shared/domain/redact"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var (
	deciders  = []access.Role{access.Officer}
	receivers = []access.Role{access.Officer, access.Subject}
)

// dossierRoutes hand over what a granted request brings.
var dossierRoutes = []*route{
	{
		pattern: "GET /v1/requests/{id}/package", id: "getPackage", title: "The package of a granted request",
		text:  "A zip with package.json, package.html, the files, and a manifest that the processing log signs. A subject gets their own.",
		roles: receivers, use: access.Rights, about: "request", noted: audit.Disclose, handle: (*function).getPackage,
		query: []string{"form"}, problems: []string{"not_found", "package_in_review", "package_expired"},
	},
	{
		pattern: "GET /v1/requests/{id}/package/review", id: "reviewPackage", title: "What is taken out of a package, and what stands there",
		roles: deciders, use: access.Rights, about: "request", handle: (*function).reviewPackage,
		query: []string{"form"}, gives: "PackageReview", problems: []string{"not_found", "package_expired"},
	},
	{
		pattern: "POST /v1/requests/{id}/package/review", id: "decidePackage", title: "Decide places of a package",
		text:  "A doubtful place may be shown; any place in a text may be taken out, by its field and span. The package is then made anew.",
		roles: deciders, use: access.Rights, about: "request", noted: audit.Change, handle: (*function).decidePackage, status: http.StatusAccepted,
		schema: "PackageVerdicts", gives: "PackageState", problems: []string{"not_found", "package_expired"},
	},
	{
		pattern: "POST /v1/requests/{id}/package/link", id: "sendPackageLink", title: "Send the person a link that hands the package over once",
		text: "The link goes to the person where their matter was talked about, the code in a message of its own, on another channel where they have one: nobody but the person reads either. " +
			"With code \"tell\" it stands in the answer instead, for the officer to say. A new link ends an older one.",
		roles: deciders, use: access.Rights, about: "request", noted: audit.Disclose, handle: (*function).sendPackageLink,
		schema: "PackageChoice", gives: "PackageLink", problems: []string{"not_found", "package_in_review", "package_expired", "no_channel"},
	},
	{
		pattern: "GET /v1/requests/{id}/certificate", id: "getErasureCertificate", title: "The certificate of an erasure, with its proof",
		text:  "The digest of the certificate stands in the entry of the processing log that comes along; entry and proof can be checked offline.",
		roles: []access.Role{access.Officer, access.DPO, access.Subject}, use: access.Rights, about: "request", handle: (*function).getCertificate,
		gives: "ErasureCertificate", problems: []string{"not_found"},
	},
}

// packageOf loads the package that a call is about. A subject gets none but their
// own, and can't tell another's from one that is not there.
func (f *function) packageOf(ctx context.Context, u *work.Unit, c *call, form model.Form) (*model.Package, error) {
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	if form == "" {
		form = model.Access
	}
	if form.Validate() != nil {
		return nil, newProblem("invalid", `form must be "access" or "portability"`)
	}
	p, err := work.Load(ctx, u, record.Packages, model.ID(id, form))
	if err != nil {
		return nil, err
	}
	if c.who.Role == access.Subject && !slices.Contains(p.ContactIDs, c.who.Subject) {
		return nil, newProblem("not_found", "")
	}
	return p, nil
}

// toGive is packageOf for handing over: one whose request no longer covers
// everyone in it is made anew (contactJoint sees to it), and is nobody's until then.
func (f *function) toGive(ctx context.Context, u *work.Unit, c *call, form model.Form) (*model.Package, error) {
	p, err := f.packageOf(ctx, u, c, form)
	if err != nil {
		return nil, err
	}
	current, err := dossier.Current(ctx, u, p)
	if err == nil && !current {
		return nil, newProblem("package_in_review", "")
	}
	return p, err
}

func (c *call) form() model.Form { return model.Form(c.r.URL.Query().Get("form")) }

func (f *function) getPackage(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	p, err := f.toGive(ctx, u, c, c.form())
	if err != nil {
		return answer{}, err
	}
	if err := p.Fetchable(u.Now()); err != nil {
		return answer{}, packageProblem(err)
	}
	b, err := work.OpenFile(ctx, u, record.Packages, p.ID, "Archive")
	if err != nil {
		return answer{}, err
	}
	how := "officer"
	if c.who.Role == access.Subject {
		how = "portal"
	}
	p.Fetched = append(p.Fetched, model.Fetch{At: u.Now(), By: c.who.Subject, How: how})
	work.Save(u, record.Packages, p)
	for _, s := range p.ContactIDs {
		e := u.Note(audit.Disclose, s, audit.Item{Kind: record.Packages.Name, ID: p.ID, Fields: []string{p.Digest}})
		e.Recipient, e.Case = string(c.who.Role), p.RequestID
		d := &model.Disclosure{ContactID: s, Recipient: string(c.who.Role), Ground: model.ToPerson, About: []string{record.Packages.Name + "/" + p.ID}}
		if err := dossier.Disclose(ctx, u, d); err != nil {
			return answer{}, err
		}
	}
	return answer{file: &file{name: p.ID + ".zip", mime: "application/zip", bytes: b}}, nil
}

// packageView is where a package stands (schema PackageState).
type packageView struct {
	ID        string      `json:"id"`
	Form      model.Form  `json:"form"`
	State     model.State `json:"state"`
	Open      int         `json:"open"` // doubtful places without a verdict
	Records   int         `json:"records"`
	Cuts      int         `json:"cuts"`
	Digest    string      `json:"digest,omitempty"`
	ExpiresAt time.Time   `json:"expires_at,omitzero"`
}

func viewPackage(p *model.Package) packageView {
	return packageView{ID: p.ID, Form: p.Form, State: p.State, Open: p.Open, Records: p.Records, Cuts: p.Cuts, Digest: p.Digest, ExpiresAt: p.ExpiresAt}
}

// cutView is one place for a reviewer, with what stands there.
type cutView struct {
	Place    string        `json:"place"`
	Reason   redact.Reason `json:"reason"`
	Doubtful bool          `json:"doubtful"`
	Fragment string        `json:"fragment"`
	Shown    bool          `json:"shown"`
	Decided  bool          `json:"decided"`
}

func (f *function) reviewPackage(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	p, err := f.packageOf(ctx, u, c, c.form())
	if err != nil {
		return answer{}, err
	}
	if p.State == model.Expired {
		return answer{}, packageProblem(model.ErrExpired)
	}
	terms, err := f.env.Terms(u.Tenant())
	if err != nil {
		return answer{}, err
	}
	b, err := dossier.Build(ctx, u, dossier.Sources{Tree: f.env.Ledger.Tree, Terms: terms}, p)
	if err != nil {
		return answer{}, err
	}
	out := struct {
		Package packageView `json:"package"`
		Places  []cutView   `json:"places"`
	}{viewPackage(p), []cutView{}}
	for _, cut := range b.Cuts {
		out.Places = append(out.Places, cutView(cut))
	}
	return answer{body: out}, nil
}

// decidePackage takes verdicts; the function dossier makes the package anew.
func (f *function) decidePackage(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Form     model.Form `json:"form"`
		Verdicts []struct {
			Place string `json:"place"`
			Show  bool   `json:"show"`
		} `json:"verdicts"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if len(b.Verdicts) == 0 || len(b.Verdicts) > 200 {
		return answer{}, newProblem("invalid", "1 to 200 verdicts at once")
	}
	p, err := f.packageOf(ctx, u, c, b.Form)
	if err != nil {
		return answer{}, err
	}
	for _, v := range b.Verdicts {
		if v.Place == "" || len(v.Place) > 400 || !strings.Contains(v.Place, "#") {
			return answer{}, newProblem("invalid", "a place is as the review lists it")
		}
		if err := p.Judge(model.Verdict{Place: v.Place, Show: v.Show, By: c.who.Subject, At: u.Now()}); err != nil {
			return answer{}, packageProblem(err)
		}
	}
	work.Save(u, record.Packages, p)
	if err := u.Emit(ctx, p.RequestID, &events.DossierReviewed{Package: p.ID}); err != nil {
		return answer{}, err
	}
	return answer{body: viewPackage(p)}, nil
}

// sendPackageLink writes the link to the person and gives the officer the code.
func (f *function) sendPackageLink(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Form model.Form `json:"form"`
		Code string     `json:"code"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if b.Code != "" && b.Code != "send" && b.Code != "tell" {
		return answer{}, newProblem("invalid", `code must be "send" or "tell"`)
	}
	p, err := f.toGive(ctx, u, c, b.Form)
	if err != nil {
		return answer{}, err
	}
	token, code := strings.ToLower(rand.Text()), digits(8)
	hash, err := dossier.CodeHash(ctx, u, token, code)
	if err != nil {
		return answer{}, err
	}
	if err := p.Offer(token, hash, c.who.Subject, u.Now()); err != nil {
		return answer{}, packageProblem(err)
	}
	work.Save(u, record.Packages, p)
	out := packageLink{Code: code, ExpiresAt: p.Link.ExpiresAt}
	link := fmt.Sprintf("%s/packages/%s/%s", publicBase(), u.Tenant(), model.LinkName(p.ID, token))
	sent, err := f.letterOf(ctx, u, p, "dossier.link", "link", link, notice.To{ContactID: p.ContactID})
	if err == nil && b.Code != "tell" {
		out.Code, out.CodeSent = "", true
		err = f.sendPackageCode(ctx, u, p, code, sent)
	}
	if fault.Is(err, fault.NotFound) {
		return answer{}, newProblem("no_channel", "")
	}
	if err != nil {
		return answer{}, err
	}
	return answer{body: out}, nil
}

// packageLink answers that a link is on its way (schema PackageLink).
type packageLink struct {
	Code      string    `json:"code,omitempty"` // for the officer to tell; never where it was sent
	CodeSent  bool      `json:"code_sent"`
	ExpiresAt time.Time `json:"expires_at"`
}

// sendPackageCode sends the code by another way than the link went, where the
// person has one: two channels are harder to read along than one.
func (f *function) sendPackageCode(ctx context.Context, u *work.Unit, p *model.Package, code string, link *letters.Notice) error {
	to := notice.To{ContactID: link.ContactID, ConversationID: link.ConversationID}
	other, ok, err := notice.Elsewhere(ctx, u, p.ContactIDs, link.ConversationID)
	if err != nil {
		return err
	}
	if ok {
		to = notice.To{ContactID: other.ContactID, ConversationID: other.ID}
	}
	_, err = f.letterOf(ctx, u, p, "dossier.code", "code", code, to)
	return err
}

func (f *function) letterOf(ctx context.Context, u *work.Unit, p *model.Package, template, name, value string, to notice.To) (*letters.Notice, error) {
	pack, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return nil, err
	}
	return notice.Queue(ctx, u, f.env, notice.Letter{
		Template: template, Language: p.Language, To: to, About: deadline.Ref{Kind: "request", ID: p.RequestID},
		Values: map[string]string{name: value, "until": p.Link.ExpiresAt.In(pack.Zone).Format("2. 1. 2006 15:04")},
	})
}

// publicBase is where persons reach this deployment, from OKENCE_PUBLIC.
func publicBase() string {
	base := os.Getenv("OKENCE_PUBLIC")
	if base == "" {
		base = "http://127.0.0.1:8080"
	}
	return strings.TrimRight(base, "/")
}

// digits is a random code of n decimal digits.
func digits(n int64) string {
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil)
	v, err := rand.Int(rand.Reader, most)
	if err != nil {
		panic("portal: no randomness") // never returned by crypto/rand
	}
	return fmt.Sprintf("%0*d", n, v)
}

func (f *function) getCertificate(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	e, err := work.Load(ctx, u, record.Erasures, id)
	if err != nil {
		return answer{}, err
	}
	if c.who.Role == access.Subject && !slices.Contains(e.ContactIDs, c.who.Subject) {
		return answer{}, newProblem("not_found", "")
	}
	proof, err := dossier.Proof(ctx, u, f.env.Ledger.Tree, e)
	if err != nil {
		return answer{}, err
	}
	if proof.Key, err = f.env.Ledger.PublicKey(ctx, u.Tenant()); err != nil && !fault.Is(err, fault.NotFound) { // no log yet
		return answer{}, err
	}
	return answer{body: proof}, nil
}

// packageProblem names the problem for a refusal of the package's rules.
func packageProblem(err error) error {
	switch {
	case errors.Is(err, model.ErrNotReady):
		return newProblem("package_in_review", "")
	case errors.Is(err, model.ErrExpired):
		return newProblem("package_expired", "")
	}
	return newProblem("invalid", err.Error())
}
