package twilio_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/twilio"
	"github.com/okence/okence/shared/fault"
)

const (
	page   = "https://mycompany.com/myapp.php?foo=1&bar=2"
	params = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
	hashed = "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
	empty  = "&bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
	json   = `{"property": "value", "boolean": true}`
	right  = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
)

// The vectors of twilio-node and twilio-python (testdata/SOURCES.md), all with
// the token 12345. A body in braces is sent as JSON.
func TestPublishedSignatures(t *testing.T) {
	for name, c := range map[string]struct {
		url, body, mac string
		want           fault.Kind
	}{
		"good: a form":                                {page, params, right, ""},
		"good: a form in another order":               {page, "To=%2B18005551212&Digits=1234&CallSid=CA1234567890ABCDE&From=%2B14158675309&Caller=%2B14158675309", right, ""},
		"good: https without the port of the url":     {strings.Replace(page, ".com", ".com:1234", 1), params, right, ""},
		"good: http with the port of the url":         {strings.Replace(strings.Replace(page, ".com", ".com:1234", 1), "https", "http", 1), params, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", ""},
		"good: https with the standard port":          {page, params, "kvajT1Ptam85bY51eRf/AJRuM3w=", ""},
		"good: http with the standard port":           {strings.Replace(page, "https", "http", 1), params, "0ZXoZLH/DfblKGATFgpif+LLRf4=", ""},
		"good: user and password in the url":          {strings.Replace(page, "mycompany", "user:pass@mycompany", 1), params, "CukzLTc1tT5dXEDIHm/tKBanW10=", ""},
		"good: a user alone in the url":               {strings.Replace(page, "mycompany", "user@mycompany", 1), params, "2YRLlVAflCqxaNicjMpJcSTgzSs=", ""},
		"good: user, password and the standard port":  {strings.Replace(page, "mycompany", "user:pass@mycompany", 1), params, "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=", ""},
		"good: an apostrophe and a plus in the url":   {page + "&Body=It's+amazing", params, "dsq4Ehbj6cs+KdTkpF5sSSplOWw=", ""},
		"good: a repeated parameter":                  {page, "MessagingBinding.Address=%2B1325xxxxxxx&MessagingBinding.Address=%2B1415xxxxxxx", "83O6e2vORAoJHUNzJjDWN1jz+BA=", ""},
		"good: a repeated parameter, the other way":   {page, "MessagingBinding.Address=%2B1415xxxxxxx&MessagingBinding.Address=%2B1325xxxxxxx", "83O6e2vORAoJHUNzJjDWN1jz+BA=", ""},
		"good: equal values count once":               {page, "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU=", ""},
		"good: JSON by its hash":                      {page + hashed, json, "a9nBmqA0ju/hNViExpshrM61xv4=", ""},
		"good: JSON of nothing by its hash":           {page + empty, "{}", "Ldidvp12m26NI7eqEvxnEpkd9Hc=", ""},
		"good: JSON, with the hash alone":             {"https://mycompany.com/myapp.php?" + hashed[1:], json, "y77kIzt2vzLz71DgmJGsen2scGs=", ""},
		"good: a fragment isn't signed":               {page + "#rc=2&rp=all", params, right, ""},
		"good: the older documentation's number":      {page, strings.ReplaceAll(params, "4158675309", "4158675310"), "GvWf1cFY/Q7PnoempGyD5oXAezc=", ""},
		"fail: another signature":                     {page, params, "WRONG_SIGNATURE", fault.Unauthenticated},
		"fail: one parameter more":                    {page, params + "&somethingUnexpected=true", right, fault.Unauthenticated},
		"fail: one query parameter more":              {page + "&somethingUnexpected=true", params, right, fault.Unauthenticated},
		"fail: JSON without a hash":                   {page, json, right, fault.Unauthenticated},
		"fail: JSON by a cut hash":                    {page + hashed[:len(hashed)-1], json, "a9nBmqA0ju/hNViExpshrM61xv4=", fault.Unauthenticated},
		"fail: other JSON under the hash":             {page + hashed, strings.Replace(json, "true", "trie", 1), "a9nBmqA0ju/hNViExpshrM61xv4=", fault.Unauthenticated},
		"fail: the hash twice":                        {page + hashed + hashed, json, "a9nBmqA0ju/hNViExpshrM61xv4=", fault.Unauthenticated},
		"fail: an escape in lower case":               {page, strings.Replace(params, "%2B", "%2b", 1), right, fault.Unauthenticated},
		"fail: an escape where none is needed":        {page, strings.Replace(params, "Digits=1", "Digits=%31", 1), right, fault.Unauthenticated},
		"fail: a pair without a name":                 {page, "=&" + params, right, fault.Unauthenticated},
		"fail: a pair without =":                      {page, params + "&x", right, fault.Unauthenticated},
		"fail: loose bits at the end of the base64":   {page, params, "RSOYDt4T1cUTdK1PDd93/VVr8B9=", fault.Unauthenticated},
		"fail: base64 for URLs":                       {page, params, "RSOYDt4T1cUTdK1PDd93_VVr8B8=", fault.Unauthenticated},
		"fail: nothing at all under this signature":   {page, "", right, fault.Unauthenticated},
		"fail: the secret's url is the wrong website": {"https://example.com/", params, right, fault.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			r := channel.Request{Method: http.MethodPost, URL: &url.URL{Path: "/"}, Header: http.Header{}, Body: []byte(c.body), At: channeltest.At}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
			if strings.HasPrefix(c.body, "{") {
				r.Header.Set("Content-Type", "application/json")
			}
			r.Header.Set("X-Twilio-Signature", c.mac)
			r.Header.Set("Host", "attacker.example")
			r.Header.Set("X-Forwarded-Host", "attacker.example")
			if err := twilio.NewVoice().Verify(r, channel.Secret{"auth_token": "12345", "url": c.url}); fault.Of(err) != c.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What no suite publishes: the MAC is made here, so that nothing else refuses.
func TestOwnSignatures(t *testing.T) {
	for name, c := range map[string]struct {
		url, signed, body string
		ok                bool
	}{
		"an address of version 6, standard port": {"https://[2001:db8::1]/x", "https://[2001:db8::1]:443/x", "", true},
		"an address of version 6, port left out": {"https://[2001:db8::1]:8443/x", "https://[2001:db8::1]/x", "", true},
		"an address of version 6 as it is":       {"https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x", "", true},
		"no path":                                {"https://ekc.example", "https://ekc.example:443", "", true},
		"another port":                           {"https://ekc.example/x", "https://ekc.example:444/x", "", false},
		"two hashes, the first right":            {page + hashed + empty, page + hashed + empty, json, false},
		"a url without a scheme":                 {"ekc.example/x", "ekc.example/x", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			h := hmac.New(sha1.New, []byte("12345"))
			h.Write([]byte(c.signed))
			r := channel.Request{Method: http.MethodPost, Body: []byte(c.body), Header: http.Header{"Content-Type": {"application/json"}}}
			r.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(h.Sum(nil)))
			if err := twilio.NewSMS().Verify(r, channel.Secret{"auth_token": "12345", "url": c.url}); (err == nil) != c.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWhereTheQueryIsFrom(t *testing.T) {
	for name, c := range map[string]struct {
		secret, received string
		ok               bool
	}{
		"in the secret, and none received":            {page, "", true},
		"in the secret, and the same received":        {page, "foo=1&bar=2", true},
		"received alone":                              {"https://mycompany.com/myapp.php", "foo=1&bar=2", true},
		"begun in the secret, received whole":         {"https://mycompany.com/myapp.php?foo=1", "foo=1&bar=2", true},
		"the secret ends in a question mark":          {"https://mycompany.com/myapp.php?", "foo=1&bar=2", true},
		"in the secret, and another received":         {page, "message=forged", false},
		"in the secret, and one received beyond it":   {page, "foo=1&bar=2&message=forged", false},
		"in the secret, and one received that begins": {page, "foo=1&bar=22", false},
		"received, with one byte changed":             {"https://mycompany.com/myapp.php", "foo=1&bar=3", false},
		"neither":                                     {"https://mycompany.com/myapp.php", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := channel.Request{Method: http.MethodPost, URL: &url.URL{Path: "/webhooks/ekc/voice/twilio", RawQuery: c.received}, Body: []byte(params), Header: http.Header{}}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Twilio-Signature", right)
			if err := twilio.NewVoice().Verify(r, channel.Secret{"auth_token": "12345", "url": c.secret}); (err == nil) != c.ok || err != nil && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSignedByGET(t *testing.T) {
	s := channel.Secret{"auth_token": "12345", "url": "https://mycompany.com/sms"}
	r := channel.Request{Method: http.MethodGet, URL: &url.URL{Path: "/x", RawQuery: "MessageSid=SM1&From=%2B38641123456&Body=a%20b"}}
	if err := twilio.NewSMS().Sign(&r, s); err != nil {
		t.Fatal(err)
	}
	if err := twilio.NewSMS().Verify(r, s); err != nil {
		t.Error(err)
	}
	if m := twilio.NewSMS().Parse(r).Items[0].Message; m.Text != "a b" || m.Sender.Address != "+38641123456" {
		t.Errorf("got %+v", m)
	}
	r.URL.RawQuery += "c"
	if err := twilio.NewSMS().Verify(r, s); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("changed: %v", err)
	}
}

func TestSignsJSONByItsHash(t *testing.T) {
	for _, link := range []string{page, "https://mycompany.com/myapp.php"} {
		s := channel.Secret{"auth_token": "12345", "url": link}
		r := channel.Request{Method: http.MethodPost, Body: []byte(json)}
		if err := twilio.NewSMS().Sign(&r, s); err != nil {
			t.Fatal(err)
		}
		if err := twilio.NewSMS().Verify(r, s); err != nil {
			t.Errorf("%s: %v", link, err)
		}
		if link == page && r.Header.Get("X-Twilio-Signature") != "a9nBmqA0ju/hNViExpshrM61xv4=" {
			t.Errorf("signed %s", r.Header.Get("X-Twilio-Signature"))
		}
		r.Body = []byte(json + " ")
		if err := twilio.NewSMS().Verify(r, s); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("changed: %v", err)
		}
	}
}
