package handout

import (
	"context"
	"net/http"
	"strconv"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

const (
	maxForm = 4 << 10 // bytes
	maxCode = 16
)

type function struct{ env *host.Env }

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /packages/{tenant}/{link}", f.ask)
	mux.HandleFunc("POST /packages/{tenant}/{link}", f.give)
	return &host.Function{Manifest: manifest, Routes: mux}, nil
}

const page = `<!doctype html><html lang="sl"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Okence</title>
<form method="post"><p><label>Koda / Code / Kód<br><input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="16"></label></p>
<p><button>Prevzemi / Fetch / Prevziať</button></p></form></html>`

// ask shows the form, the same for every link, whether there is such a one or not.
func (f *function) ask(w http.ResponseWriter, _ *http.Request) {
	head(w, "text/html; charset=utf-8")
	_, _ = w.Write([]byte(page)) // the client may have hung up
}

func head(w http.ResponseWriter, media string) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
}

// give hands the package over for the right code: 403 for a wrong one, 410 for a
// link that does not work, whatever the cause.
func (f *function) give(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	tenant := r.PathValue("tenant")
	id, token, ok := model.ParseLink(r.PathValue("link"))
	if r.ParseForm() != nil || !ok || !f.env.Tenants[tenant] || len(r.PostForm.Get("code")) > maxCode {
		f.refuse(w, http.StatusGone, "link")
		return
	}
	var archive []byte
	var refused error
	s := work.Scope{Tenant: tenant, Function: manifest.Name, Actor: access.FunctionActor(manifest.Name), Use: access.Rights}
	_, err := f.env.Work.Run(r.Context(), s, func(ctx context.Context, u *work.Unit) error {
		archive, refused = nil, nil
		p, err := work.Load(ctx, u, record.Packages, id)
		if err != nil {
			return err
		}
		hash, err := dossier.CodeHash(ctx, u, token, r.PostForm.Get("code"))
		if err != nil {
			return err
		}
		current, err := dossier.Current(ctx, u, p)
		if err != nil {
			return err
		}
		if refused = p.Redeem(token, hash, u.Now()); refused == model.ErrNoLink || !current {
			refused = model.ErrNoLink // one that holds more than is the person's by now does not work
			return nil
		}
		work.Save(u, record.Packages, p)
		if refused != nil {
			return nil // the wrong code is counted
		}
		for _, subject := range p.ContactIDs {
			e := u.Note(audit.Disclose, subject, audit.Item{Kind: record.Packages.Name, ID: p.ID, Fields: []string{p.Digest}})
			e.Recipient, e.Case = "link", p.RequestID
			d := &model.Disclosure{ContactID: subject, Recipient: "link", Ground: model.ToPerson, About: []string{record.Packages.Name + "/" + p.ID}}
			if err := dossier.Disclose(ctx, u, d); err != nil {
				return err
			}
		}
		archive, err = work.OpenFile(ctx, u, record.Packages, p.ID, "Archive")
		return err
	})
	switch {
	case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) || refused == model.ErrNoLink:
		f.refuse(w, http.StatusGone, "link")
	case err != nil:
		f.env.Log.Error("a package could not be handed over", "function", manifest.Name, "tenant", tenant, "kind", string(fault.Of(err)), "error", err.Error())
		f.refuse(w, http.StatusServiceUnavailable, "unavailable")
	case refused != nil:
		f.refuse(w, http.StatusForbidden, "code")
	default:
		head(w, "application/zip")
		w.Header().Set("Content-Disposition", `attachment; filename="package.zip"`)
		w.Header().Set("Content-Length", strconv.Itoa(len(archive)))
		_, _ = w.Write(archive) // the client may have hung up
	}
}

func (f *function) refuse(w http.ResponseWriter, status int, reason string) {
	obs.Count("okence_handout_refused_total", "reason", reason)
	head(w, "text/plain; charset=utf-8")
	w.WriteHeader(status)
}
