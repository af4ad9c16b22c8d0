package dataverse

import (
	"strings"
	"testing"
)

// BenchmarkRecognize reads an ordinary denial, and bodies that are hard on
// patterns.
func BenchmarkRecognize(b *testing.B) {
	for name, body := range map[string]string{
		"ordinary": fill(`{"error":{"code":"0x80040220","message":"` + sentences[2].body + `"}}`),
		"record":   fill(sentences[27].body),
		"tags":     "<html>" + strings.Repeat("<b ", 30_000) + "</html>",
		"unclosed": strings.Repeat("<Message ", 8_000),
		"missing":  strings.Repeat("is missing ", 8_000),
		"trace":    "Principal user is missing prvReadLead privilege" + strings.Repeat("   at Microsoft.Crm.Extensibility.V4PluginProxyStep.ExecuteInternal(PipelineExecutionContext context)\r\n", 900),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				Recognize(body, 403)
			}
		})
	}
}
