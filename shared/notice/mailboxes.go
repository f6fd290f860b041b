package notice

import (
	"encoding/json"
	"net/mail"
	"os"
	"strings"

	"github.com/okence/okence/shared/fault"
)

// MailboxVariable names the setting with mailboxes of parties that a tenant's pack
// gives none, since its sources don't: a JSON object of addresses by party, such as
// {"platform-keeper": "skrbnik@example.si"}.
func MailboxVariable(tenant string) string {
	return "OKENCE_MAILBOX_" + strings.ToUpper(strings.ReplaceAll(tenant, "-", "_"))
}

// CheckMailboxes reads a tenant's setting, at start. fault.Invalid says what is
// wrong with it.
func CheckMailboxes(tenant string) error {
	_, err := mailboxes(tenant)
	return err
}

func mailboxes(tenant string) (by map[string]string, err error) {
	text := os.Getenv(MailboxVariable(tenant))
	if text == "" {
		return nil, nil
	}
	if json.Unmarshal([]byte(text), &by) != nil {
		return nil, fault.New(fault.Invalid, `%s must be a JSON object of addresses by party, such as {"platform-keeper": "name@example.si"}`, MailboxVariable(tenant))
	}
	for party, address := range by {
		if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
			return nil, fault.New(fault.Invalid, "%s: the address of %s is none", MailboxVariable(tenant), party)
		}
	}
	return by, nil
}
