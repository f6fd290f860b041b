package postmark

import (
	"encoding/json"

	"github.com/okence/okence/shared/channel"
)

func (provider) Parse(r channel.Request) channel.Parsed {
	return channel.Parsed{Items: []channel.Item{parse(r.Body)}}
}

func parse(body []byte) channel.Item {
	if !json.Valid(body) {
		return channel.Park(name, body, "json")
	}
	var kind struct {
		RecordType string
	}
	if json.Unmarshal(body, &kind) != nil {
		return channel.Park(name, body, "shape")
	}
	if kind.RecordType == "" || kind.RecordType == "Inbound" {
		var m letter
		if json.Unmarshal(body, &m) != nil || m.empty() {
			return channel.Park(name, body, "shape")
		}
		return m.item(body)
	}
	var e event
	if json.Unmarshal(body, &e) != nil {
		return channel.Park(name, body, "shape")
	}
	return e.item(body)
}
