package tui

import (
	"fmt"
	"testing"
)

// BenchmarkGrown is what 20,000 denials cost when one more comes: the analysis
// beside the screen, and between two keys what takes it in and draws it.
func BenchmarkGrown(b *testing.B) {
	for name, body := range map[string]func(i int) string{
		"findings":       func(i int) string { return fmt.Sprintf("prvReadnew_table%04d", i%500) },
		"not understood": func(int) string { return "prvNoSuchThing" },
		"other":          func(int) string { return "column" },
	} {
		bodies := make([]string, 20_000)
		for i := range bodies {
			bodies[i] = body(i)
		}
		d := start(b, config(bodies...), 120, 40)
		b.Run(name+"/beside", func(b *testing.B) {
			for b.Loop() {
				d.analyzing = false
				d.analyze()()
			}
		})
		d.analyzing = false
		msg := d.analyze()()
		b.Run(name+"/between", func(b *testing.B) {
			for b.Loop() {
				d.Update(msg)
				d.View()
			}
		})
	}
}
