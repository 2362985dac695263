# Tcl's smtpd with the rules that are given as arguments: stage, action and pattern of each, in their order.
# Prints the port that it listens on, and goes on until its standard input ends.
package require smtpd

# The first rule that matches decides. A pattern without @ is held against the local part alone.
proc judge {stage subject local_part} {
    foreach {rule_stage action pattern} $::argv {
        if {$rule_stage ne $stage} continue
        set text [expr {$stage eq "host" || [string first @ $pattern] >= 0 ? $subject : $local_part}]
        if {![string match -nocase $pattern $text]} continue
        if {$action eq "deny"} {error "denied by $pattern"}
        return
    }
}

proc validate_host {address} {judge host $address {}}

# smtpd gives no argument at all for the null reverse-path.
proc validate_mailbox {stage {mailbox {}}} {
    judge $stage $mailbox [string range $mailbox 0 [string last @ $mailbox]-1]
}

# An error code of three digits becomes the reply.
proc store {reverse_path forward_paths data} {
    switch -glob -- $reverse_path {
        <no-space@* {error "no space" {} 452}
        <store-error@* {error "store error" {} 451}
        <plain-error@* {error "store error"}
    }
}

smtpd::configure -loglevel critical -deliver store -validate_host validate_host \
    -validate_sender {validate_mailbox sender} -validate_recipient {validate_mailbox recipient}
set listener [smtpd::start 127.0.0.1 0]
puts [lindex [fconfigure $listener -sockname] 2]
flush stdout

fileevent stdin readable {
    if {[gets stdin] eq "" && [eof stdin]} exit
}
vwait forever
