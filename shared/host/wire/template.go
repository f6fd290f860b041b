package main

import (
	"strconv"
	"text/template"
)

func parse(name, text string) *template.Template {
	return template.Must(template.New(name).Funcs(template.FuncMap{
		"generated": func() string { return generated },
		"quote":     strconv.Quote, "inGo": inGo, "cron": inCron, "seconds": seconds, "word": word,
	}).Parse(text))
}

var manifestTemplate = parse("manifest", `// {{generated}}

package {{.Name}}

import (
	"time"

	"github.com/okence/okence/shared/host"
)

var manifest = host.Manifest{
	Name:    {{quote .Name}},
	Title:   {{quote .Title}},
	Use:     {{printf "%q" .Use}},
	Timeout: {{inGo .Timeout}},
{{- with .Consumes}}
	Consumes: []host.Consumed{
{{- range .}}
		{Type: {{quote .Type}}{{if .Inline}}, Inline: true{{end}}},
{{- end}}
	},
{{- end}}
{{- with .Emits}}
	Emits: []string{ {{- range .}}{{quote .}}, {{end -}} },
{{- end}}
{{- with .Routes}}
	Routes: []string{
{{- range .}}
		{{quote .}},
{{- end}}
	},
{{- end}}
{{- if .Public}}
	Public: true,
{{- end}}
{{- with .Schedules}}
	Schedules: []host.Schedule{
{{- range .}}
		{Type: {{quote .Type}}, Every: {{inGo .Every}}},
{{- end}}
	},
{{- end}}
{{- with .Settings}}
	Settings: []host.Setting{
{{- range .}}
		{Name: {{quote .Name}}{{if .Default}}, Default: {{quote .Default}}{{end}}{{if .Required}}, Required: true{{end}}, Text: {{quote .Text}}},
{{- end}}
	},
{{- end}}
{{- with .Keeps}}
	Keeps: []string{ {{- range .}}{{quote .}}, {{end -}} },
{{- end}}
{{- with .Reads}}
	Reads: []string{ {{- range .}}{{quote .}}, {{end -}} },
{{- end}}
}
`)

var mainTemplate = parse("main", `// {{generated}}

// Command main is the function {{.Name}} as a process of its own: an AWS Lambda,
// a Functions Framework function, or a receiver of events over HTTP
// (shared/host).
package main

import (
	"github.com/okence/okence/functions/{{.Name}}"
	"github.com/okence/okence/shared/host"
)

func main() { host.Main({{.Name}}.New) }
`)

var wiringTemplate = parse("wiring", `// {{generated}}

package main

import (
{{- range .}}
	"github.com/okence/okence/functions/{{.Name}}"
{{- end}}
	"github.com/okence/okence/shared/host"
)

// functions are all functions, on one environment.
func functions(env *host.Env) ([]*host.Function, error) {
	var all []*host.Function
	for _, make := range []func(*host.Env) (*host.Function, error){
{{- range .}}
		{{.Name}}.New,
{{- end}}
	} {
		f, err := make(env)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}
`)

// knativeTemplate: ko (https://ko.build) replaces the ko:// reference by the
// image that it builds. Settings come from the config map "okence" and, for
// what is secret, the secret "okence-NAME". Only a public function can be
// reached from outside the cluster.
var knativeTemplate = parse("knative", `# {{generated}}
# {{.Title}}
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: {{.Name}}
  namespace: okence
  labels:
    app.kubernetes.io/name: {{.Name}}
    app.kubernetes.io/part-of: okence
{{- if not .Public}}
    networking.knative.dev/visibility: cluster-local
{{- end}}
spec:
  template:
    spec:
      serviceAccountName: {{.Name}}
      timeoutSeconds: {{seconds .Timeout}}
      containers:
        - image: ko://github.com/okence/okence/functions/{{.Name}}/main
          envFrom:
            - configMapRef:
                name: okence
            - secretRef:
                name: okence-{{.Name}}
                optional: true
          readinessProbe:
            httpGet:
              path: /readyz
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            capabilities:
              drop: [ALL]
{{- $name := .Name}}
{{- range .Consumes}}
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: {{$name}}-{{word .Type}}
  namespace: okence
spec:
  broker: okence
  filter:
    attributes:
      type: {{.Type}}
  subscriber:
    ref:
      apiVersion: serving.knative.dev/v1
      kind: Service
      name: {{$name}}
{{- end}}
{{- range .Schedules}}
---
apiVersion: sources.knative.dev/v1
kind: PingSource
metadata:
  name: {{$name}}-{{word .Type}}
  namespace: okence
spec:
  schedule: {{quote (cron .Every)}}
  timezone: UTC
  contentType: application/json
  data: '{"schedule":"{{.Type}}"}'
  sink:
    ref:
      apiVersion: serving.knative.dev/v1
      kind: Service
      name: {{$name}}
{{- end}}
`)
