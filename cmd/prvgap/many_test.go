package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/prvgap/prvgap/analyzer/report"
)

// BenchmarkManyDenials writes reports of many denials, from the capture and from
// its JSON report: peak-B/denial is what is in memory while a report is written.
func BenchmarkManyDenials(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // so that hardly more than what is in use is counted
	const denials = 10_000
	capture := filepath.Join(b.TempDir(), "many.har")
	if err := os.WriteFile(capture, refusals(denials), 0o600); err != nil {
		b.Fatal(err)
	}
	back := filepath.Join(b.TempDir(), "many.json")
	if code := run([]string{"analyze", capture, "--format", "json", "-o", back}, quiet()); code != exitGap {
		b.Fatal("exit code ", code)
	}
	measure := func(b *testing.B, input, format string) {
		b.ReportAllocs()
		peak := &gauge{}
		idle := peak.inUse()
		for b.Loop() {
			a, err := question{captures: []string{input}, depth: "minimum"}.ask(context.Background(), quiet(), dialects())
			if err == nil {
				err = report.Write(peak, a.Report, format, report.Options{})
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(peak.most-min(idle, peak.most))/denials, "peak-B/denial")
	}
	for _, format := range report.Formats() {
		b.Run(format, func(b *testing.B) { measure(b, capture, format) })
	}
	b.Run("json from json", func(b *testing.B) { measure(b, back, "json") })
}

// refusals is a capture in which everything was refused: of few kinds, but of
// many records and to many people.
func refusals(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"1"},"entries":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		who, record := fmt.Sprintf("00000000-0000-4000-8000-%012x", i%999), fmt.Sprintf("00000000-0000-4000-9000-%012x", i)
		table := []string{"Account", "Contact", "Lead"}[i%3]
		fmt.Fprintf(&b, `{"startedDateTime":"2025-11-18T09:31:%02d.000Z","request":{"method":"GET","url":"https://contoso.crm4.dynamics.com/api/data/v9.2/%ss(%s)?$select=name"},`+
			`"response":{"status":403,"content":{"text":"{\"error\":{\"code\":\"0x80040220\",\"message\":\"Principal user (Id=%s, type=8, roleCount=2, privilegeCount=731, accessMode=0), `+
			`is missing prvRead%s privilege (Id=%s) on OTC=1 for entity '%s'. context.Caller=%[4]s\"}}"}}}`, i%60, table, record, who, table, record, table)
	}
	b.WriteString(`]}}`)
	return b.Bytes()
}

// gauge takes a report, and remembers the most memory that was in use meanwhile.
type gauge struct{ most uint64 }

func (g *gauge) Write(p []byte) (int, error) {
	g.most = max(g.most, g.inUse())
	return len(p), nil
}

func (*gauge) inUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
