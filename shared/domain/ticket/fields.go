package ticket

import (
	"slices"
	"strings"

	"github.com/okence/okence/shared/domain/identifier"
)

// The fields by the names that packs give them. Subject and details are written
// freely: what a person volunteers there is kept as written (K09).
const (
	fieldSubject = "subject"
	fieldDetails = "details"
)

// NotAllowed says which structured fields may not be kept for the service and
// the class of person (K09). It holds names, never values.
type NotAllowed struct{ Fields []string }

// Error names the fields.
func (e *NotAllowed) Error() string { return "may not be kept for this service: " + join(e.Fields) }

// at is where a field is kept, nil for one that a ticket does not have.
func (t *Ticket) at(name string) *string {
	switch name {
	case "name":
		return &t.Name
	case "email":
		return &t.Email
	case "phone":
		return &t.Phone
	case "employer":
		return &t.Employer
	case "address":
		return &t.Address
	case "tax_number":
		return &t.TaxNumber
	case "emso":
		return &t.EMSO
	case "device":
		return &t.Device
	case fieldSubject:
		return &t.Subject
	case fieldDetails:
		return &t.Details
	case "treated_name":
		return &t.TreatedName
	case "treated_email":
		return &t.TreatedEmail
	case "treated_phone":
		return &t.TreatedPhone
	}
	return nil
}

// Names are the fields that a ticket can keep, in the order in which they are
// shown.
var Names = []string{"name", "email", "phone", "employer", "address", "tax_number", "emso", "device", fieldSubject, fieldDetails, "treated_name", "treated_email", "treated_phone"}

func free(name string) bool { return name == fieldSubject || name == fieldDetails }

// permitted reports whether a list of names covers a field: the treated person's
// as the reporter's.
func permitted(allowed []string, name string) bool {
	return slices.Contains(allowed, name) || slices.Contains(allowed, strings.TrimPrefix(name, "treated_"))
}

// Set puts values in, "" taking one out. Allowed are the names that the pack
// lets the desk keep for the ticket's service and class; subject and details are
// always. Nothing is changed when one is not: the error, a *NotAllowed, names
// all that are not. What the free text holds of identifiers is flagged.
func (t *Ticket) Set(values map[string]string, allowed []string) error {
	var refused []string
	for name, v := range values {
		if t.at(name) == nil || (v != "" && !free(name) && !permitted(allowed, name)) {
			refused = append(refused, name)
		}
	}
	if len(refused) > 0 {
		slices.Sort(refused)
		return &NotAllowed{refused}
	}
	for name, v := range values {
		*t.at(name) = v
	}
	t.flag(t.Subject, t.Details)
	return nil
}

// flag notes the kinds of identifiers that texts hold, never the values.
func (t *Ticket) flag(texts ...string) {
	for _, text := range texts {
		for _, m := range identifier.Detect(text) {
			if kind := string(m.Kind); !slices.Contains(t.Flags, kind) {
				t.Flags = append(t.Flags, kind)
			}
		}
	}
	slices.Sort(t.Flags)
}

// Values are the fields that hold something.
func (t *Ticket) Values() map[string]string {
	out := map[string]string{}
	for _, name := range Names {
		if v := *t.at(name); v != "" {
			out[name] = v
		}
	}
	return out
}

// View is the minimised view: of the fields that hold something, those that are
// permitted. Free text shows with what is not permitted masked: identifiers by
// their kind, and the values of fields that the viewer may not see.
func (t *Ticket) View(allowed []string) map[string]string {
	out := map[string]string{}
	for name, v := range t.Values() {
		if free(name) && slices.Contains(allowed, name) {
			out[name] = t.Masked(v, allowed)
		} else if !free(name) && permitted(allowed, name) {
			out[name] = v
		}
	}
	return out
}

// Masked is a text about the ticket as somebody may read it who sees the allowed
// fields alone.
func (t *Ticket) Masked(text string, allowed []string) string {
	text = identifier.Mask(text)
	for _, name := range Names {
		v := *t.at(name)
		if free(name) || len(v) < 3 || permitted(allowed, name) {
			continue
		}
		text = strings.ReplaceAll(text, v, "["+name+"]")
	}
	return text
}
