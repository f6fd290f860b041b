package media

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/okence/okence/shared/fault"
)

func TestAWhatsAppFileIsFetchedByItsId(t *testing.T) {
	var fx *fixture
	answer := `{"messaging_product":"whatsapp","url":%q,"mime_type":"image/png","sha256":%q,"file_size":%d,"id":"1"}`
	sum, link := hexOf(png), "/bytes"
	fx = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		switch r.URL.Path {
		case "/v23.0/1037543291543636":
			target := link
			if target == "/bytes" {
				target = fx.at("files.test", link)
			}
			fmt.Fprintf(w, answer, target, sum, len(png))
		case "/v23.0/2":
			fmt.Fprint(w, `{"error":{"code":100}}`)
		case "/bytes":
			fmt.Fprint(w, png)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	m := Meta{Fetcher: fx.fetcher, Base: fx.at("files.test", "/v23.0/")}
	f, err := m.Fetch(t.Context(), "1037543291543636", "secret", "")
	wantKind(t, err, "")
	if string(f.Bytes) != png {
		t.Error("other bytes")
	}
	for name, c := range map[string]struct {
		ref, token, sum, answered, link string
		want                            fault.Kind
	}{
		"the webhook's hash is wrong":          {"1037543291543636", "secret", hexOf("x"), hexOf(png), "/bytes", fault.Poison},
		"the answer's hash is wrong":           {"1037543291543636", "secret", "", hexOf("x"), "/bytes", fault.Poison},
		"the token is wrong":                   {"1037543291543636", "other", "", "", "/bytes", fault.Forbidden},
		"the id is unknown":                    {"3", "secret", "", "", "/bytes", fault.NotFound},
		"the id is a path":                     {"../me", "secret", "", "", "/bytes", fault.Invalid},
		"the id is empty":                      {"", "secret", "", "", "/bytes", fault.Invalid},
		"there is no link":                     {"2", "secret", "", "", "/bytes", fault.Poison},
		"the link leads to the metadata":       {"1037543291543636", "secret", "", "", "http://169.254.169.254/", fault.Forbidden},
		"the link leads to a host not on list": {"1037543291543636", "secret", "", "", "https://evil.test/", fault.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			sum, link = c.answered, c.link
			_, err := m.Fetch(t.Context(), c.ref, c.token, c.sum)
			wantKind(t, err, c.want)
		})
	}
}

func TestAHashIsReadInHexOrBase64(t *testing.T) {
	const sum = "a49f7aa3f1e05ed4f2bd0ed0ff2e1b1bd0b2ac2d3d6a2ed0a47b6ed21cd9bf7a"
	for in, want := range map[string]string{
		sum: sum, "A49F7AA3F1E05ED4F2BD0ED0FF2E1B1BD0B2AC2D3D6A2ED0A47B6ED21CD9BF7A": sum,
		"pJ96o/HgXtTyvQ7Q/y4bG9CyrC09ai7QpHtu0hzZv3o=": sum, "": "", "abcd": "", sum[2:]: "", "????": "",
	} {
		if got := HexSum(in); got != want {
			t.Errorf("HexSum(%q) = %q", in, got)
		}
	}
}
