package record

import (
	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/store"
)

// What a person is given, and the registers that a person asks about.
var (
	Packages    = Define[dossier.Package]("package", 1, Indexed(packageIndex))
	Disclosures = Define[dossier.Disclosure]("disclosure", 1, Indexed(disclosureIndex))
	Consents    = Define[dossier.Consent]("consent", 1, Indexed(consentIndex))
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
