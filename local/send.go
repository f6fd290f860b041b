package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/host"
)

type sendCmd struct {
	Tenant   string   `help:"Tenant." default:"ekc"`
	Channel  string   `help:"voice, email, viber, whatsapp, sms or livechat." required:""`
	Provider string   `help:"Provider, such as meta, mime or standard." required:""`
	Header   []string `help:"A further header, NAME:VALUE." placeholder:"NAME:VALUE"`
	File     string   `arg:"" help:"The body; - is standard input."`
	server
}

func (c *sendCmd) Run() error {
	name := channel.Name{Channel: message.Channel(c.Channel), Provider: c.Provider}
	p := registry.Lookup(name)
	if p == nil {
		return fmt.Errorf("no provider %s; there are %v", name, registry.Names())
	}
	body, err := readFile(c.File)
	if err != nil {
		return err
	}
	secrets, err := readSecrets(c.Data)
	if err != nil {
		return err
	}
	status, answer, err := post(c.Server, c.Tenant, p, secrets, body, c.now(), c.Header)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n%s", status, answer)
	if !strings.HasPrefix(status, "2") {
		return fmt.Errorf("the server did not take it")
	}
	return nil
}

// post signs a body as the provider would at the given instant, and posts it.
func post(base, tenant string, p channel.Provider, secrets *devSecrets, body []byte, at time.Time, headers []string) (status, answer string, err error) {
	found, err := secrets.find(tenant, p.Name())
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no secret for %s of tenant %s: has `okence serve` run with the same --data, or is %s set?", p.Name(), tenant, host.SecretVariable(tenant, p.Name()))
	}
	if err != nil {
		return "", "", err
	}
	target := base + "/webhooks/" + tenant + "/" + p.Name().String()
	u, err := url.Parse(target)
	if err != nil {
		return "", "", err
	}
	req := channel.Request{Method: http.MethodPost, URL: u, Header: http.Header{}, Body: body, At: at}
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ":")
		req.Header.Add(strings.TrimSpace(k), strings.TrimSpace(v))
	}
	if err := p.Sign(&req, found[0]); err != nil {
		return "", "", err
	}
	call, err := http.NewRequest(req.Method, target, bytes.NewReader(req.Body))
	if err != nil {
		return "", "", err
	}
	call.URL.RawQuery, call.Header = req.URL.RawQuery, req.Header
	resp, err := http.DefaultClient.Do(call)
	if err != nil {
		return "", "", err
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.Status, string(out), err
}

func readFile(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}
