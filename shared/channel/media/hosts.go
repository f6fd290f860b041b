package media

import "strings"

// Hosts is where one provider keeps files. An entry is a host and all hosts
// below it: "twilio.com" is api.twilio.com too, and never eviltwilio.com.
type Hosts struct {
	Trusted []string // may be sent the account's credentials
	Plain   []string // never are: content networks that the provider redirects to
}

// Known is where the providers keep files, by channel.Name.String. A live chat
// widget keeps them wherever its operator does: to be added by configuration.
var Known = map[string]Hosts{
	// Cloud API, "Media": graph.facebook.com gives the link, lookaside the bytes.
	"whatsapp/meta": {Trusted: []string{"graph.facebook.com", "lookaside.fbsbx.com"}},

	// help.twilio.com 223183748, "Protect Media Access with HTTP Basic
	// Authentication": the API redirects to one of the two plain ones.
	"whatsapp/twilio": {Trusted: []string{"api.twilio.com"}, Plain: []string{"mms.twiliocdn.com", "media.twiliocdn.com", "s3-external-1.amazonaws.com"}},
	"sms/twilio":      {Trusted: []string{"api.twilio.com"}, Plain: []string{"mms.twiliocdn.com", "media.twiliocdn.com", "s3-external-1.amazonaws.com"}},
	"voice/twilio":    {Trusted: []string{"api.twilio.com"}},

	// Vonage Messages API: links under api.nexmo.com and its regional hosts.
	"whatsapp/vonage": {Trusted: []string{"nexmo.com", "vonage.com"}},

	// Infobip: every account has a host of its own under api.infobip.com.
	"sms/infobip":   {Trusted: []string{"api.infobip.com"}},
	"viber/infobip": {Trusted: []string{"api.infobip.com"}, Plain: []string{"viber.com"}},

	// SNS, for package ses, which allows SNS's own hosts and no other below these.
	"email/ses": {Plain: []string{"amazonaws.com", "amazonaws.com.cn"}},

	// Viber REST bot API: links are signed and short-lived, no credentials.
	"viber/viber": {Plain: []string{"viber.com"}},
}

// onList reports whether host is an entry or below one. Both are compared by
// whole labels, without regard to ASCII case.
func onList(host string, list []string) bool {
	for _, entry := range list {
		entry = strings.ToLower(strings.Trim(entry, "."))
		if entry != "" && (host == entry || strings.HasSuffix(host, "."+entry)) {
			return true
		}
	}
	return false
}
