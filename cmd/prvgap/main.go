// Command prvgap finds the privileges that a Dynamics 365 or Dataverse user
// lacks, in captures of the browser's network log, and proposes the least
// additions to a security role.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], system()))
}
