package record

import (
	"time"

	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/store"
)

// What a person is given, and the registers that a person asks about.
var (
	Packages    = Define[dossier.Package]("package", 1, Indexed(packageIndex), Lives(packageLives))
	Disclosures = Define[dossier.Disclosure]("disclosure", 1, Indexed(disclosureIndex),
		EndsBy[dossier.Disclosure]("functions/dossier, by the term of the platform's log in the pack"))
	Consents   = Define[dossier.Consent]("consent", 1, Indexed(consentIndex), Lives(consentLives))
	Statements = Define[dossier.Statement]("statement", 1, Indexed(statementIndex), Lives(statementLives), Under[dossier.Statement]("contact", ByContact))
	Erasures   = Define[dossier.Erasure]("erasure", 3, From[dossier.Erasure](1, asIs), From[dossier.Erasure](2, asIs), Lives(erasureLives))
	Circulars  = Define[dossier.Circular]("circular", 1, Lives(circularLives))
)

// packageIndex: by the instant at which the content goes.
func packageIndex(p *dossier.Package) []store.Entry {
	if p.State != dossier.Ready {
		return nil
	}
	return []store.Entry{{Index: ByState, Partition: "package", Sort: Sortable(p.ExpiresAt)}}
}

func disclosureIndex(d *dossier.Disclosure) []store.Entry {
	return []store.Entry{
		{Index: ByTime, Partition: "disclosure", Sort: Sortable(d.At)},
		{Index: ByContact, Partition: "disclosure." + d.ContactID, Sort: Sortable(d.At)},
	}
}

func consentIndex(c *dossier.Consent) []store.Entry {
	return []store.Entry{
		{Index: ByTime, Partition: "consent", Sort: Sortable(c.GivenAt)},
		{Index: ByContact, Partition: "consent." + c.ContactID, Sort: Sortable(c.GivenAt)},
	}
}

func statementIndex(s *dossier.Statement) []store.Entry {
	return []store.Entry{{Index: ByContact, Partition: s.ContactID, Sort: Sortable(s.At)}}
}

// packageLives: a package belongs to the file of its request.
func packageLives(p *dossier.Package) []retention.Life {
	return []retention.Life{life("request", p.ContactID, p.ReadyAt)}
}

// consentLives: the proof of a consent is kept for a time after its end.
func consentLives(c *dossier.Consent) []retention.Life {
	var ended time.Time
	if c.Withdrawn != nil {
		ended = c.Withdrawn.At
	}
	return []retention.Life{life("consent", c.ContactID, ended)}
}

// statementLives: a supplementary statement lives as long as what it supplements.
func statementLives(s *dossier.Statement) []retention.Life {
	return []retention.Life{life("channel", s.ContactID, s.At)}
}

// erasureLives: what an erasure did belongs to the file of its request.
func erasureLives(e *dossier.Erasure) []retention.Life {
	return []retention.Life{life("request", "", e.At)}
}

// circularLives: who was told belongs to the file of its request.
func circularLives(c *dossier.Circular) []retention.Life {
	return []retention.Life{life("request", "", c.At)}
}

func life(class, subject string, since time.Time) retention.Life {
	return retention.Life{Store: "platform", Of: "anyone", Class: class, Subject: subject, Since: since}
}
