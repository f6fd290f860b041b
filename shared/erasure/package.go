package erasure

import (
	"context"

	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Empty takes the content out of a package: a copy of everything of a person. The
// record stays in the file of its request, and says what was handed over and when.
// It is fine if there is none.
func Empty(ctx context.Context, u *work.Unit, id string) error {
	p, ok, err := work.Find(ctx, u, record.Packages, id)
	if err != nil || !ok || p.State != dossier.Ready {
		return err
	}
	// A file that was not opened stays with its record: the record is made anew
	// without it.
	if err := work.Drop(ctx, u, record.Packages, id, "Archive"); err != nil {
		return err
	}
	p.Expire()
	work.Save(u, record.Packages, p)
	return nil
}

// emptied reports whether an erasure takes the content of a package along. One
// that the person has not taken yet waits for that, until its time is over: access
// that was granted comes first (art. 15 GDPR).
func emptied(u *work.Unit, p *dossier.Package) bool {
	return p.State == dossier.Ready && p.Over(u.Now())
}

// Waiting are the packages of a person that an erasure leaves: granted, and not
// taken yet.
func Waiting(ctx context.Context, u *work.Unit, person string) ([]*dossier.Package, error) {
	var out []*dossier.Package
	err := eachOf(ctx, u, person, func(f work.Found) {
		if p, is := f.Rec.(*dossier.Package); is && p.State == dossier.Ready && !p.Over(u.Now()) {
			out = append(out, p)
		}
	})
	return out, err
}
