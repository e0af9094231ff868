#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
#
# barriers.pl [--without-barriers] FILE...: looks at arm64 code, as objdump -dr prints it, for the barriers that our protocols
# between readers and writers stand on. A file is named after its object or its module: rdc_set.dis, rapiddisk-cache.dis. On x86 a missing one is never seen:
# its processors neither move stores before stores nor loads before loads.
#
# Each rule: on every way through the function from an instruction "from" to one of "to", there is one of "barrier". What
# does not branch back, branches to unknown places or has not even the instructions, is an error, not a success.
# --without-barriers reads the barriers of each rule as nop: then it must fail, and the status is 0 when each did.
use strict;
use warnings;

my $RETURN = qr/^(ret|retaa|retab)\b/;
my $WORD = qr/^stlr\s+x/;		# smp_store_release() of 64 bits
my $WMB = qr/^dmb\s+(ishst|ish|sy)$/;	# smp_wmb() or more
my $RMB = qr/^dmb\s+(ishld|ish|sy)$/;	# smp_rmb() or more
my $MB = qr/^dmb\s+(ish|sy)$/;		# smp_mb()
my $LOAD = qr/^lda(r|pr)\s/;		# smp_load_acquire(), atomic_read_acquire()
my $DEC = qr/^(ldaddl|ldaddal|stlxr)\s/;	# atomic_dec_return_release(), with LSE and without

# The places. "unless": not on a way that returns this: -1, nobody was given a slot; 0, the slot has an owner still.
my @rules = (
	{ object => 'rdc_set', module => 'rapiddisk-cache',
	  function => 'rdc_reserve', from => $WORD, barrier => $WMB, to => $RETURN, unless => -1,
	  what => "the word of a reserved slot, before its page is written",
	  pair => "rdc_hit(): smp_rmb() after the copy" },
	{ object => 'rdc_set', module => 'rapiddisk-cache',
	  function => 'rdc_rewrite', from => $WORD, barrier => $WMB, to => $RETURN,
	  what => "the word of a slot that is going to be overwritten, before its page is written",
	  pair => "rdc_hit(): smp_rmb() after the copy" },
	{ object => 'rdc_set', module => 'rapiddisk-cache',
	  function => 'rdc_drop', from => qr/^(stlr\s+x|bl\s.*<rdc_(release|forget)>)/, barrier => $WMB, to => $RETURN, unless => 0,
	  what => "the word of a dropped copy, before the origin's new data",
	  pair => "whatever tells of that data before rdc_hit() reads the word" },
	{ object => 'rdc_slot', module => 'rapiddisk-cache',
	  function => 'rdc_hit', from => 'entry', barrier => $RMB, to => qr/^blr\s/,
	  what => "the word is read before the page is looked up",
	  pair => "rdc_set_word(): smp_store_release() of rdc_commit()" },
	{ object => 'rdc_slot', module => 'rapiddisk-cache',
	  function => 'rdc_hit', from => qr/^blr\s/, barrier => $RMB, to => $RETURN,
	  what => "the page is read before the word is read again",
	  pair => "rdc_reserve() and rdc_rewrite(): smp_wmb()" },
	{ object => 'rdc_around', module => 'rapiddisk-cache',
	  function => 'rdc_around_end_block', from => 'entry', barrier => $DEC, to => $RETURN,
	  what => "the origin's new data is there before a write is no longer counted",
	  pair => "rdc_around_busy(): atomic_read_acquire()" },
	{ object => 'rdc_around', module => 'rapiddisk-cache',
	  function => 'rdc_around_busy', from => 'entry', barrier => $LOAD, to => $RETURN,
	  what => "the count is read before anything is asked of the origin",
	  pair => "rdc_around_end_block(): atomic_dec_return_release()" },
	{ object => 'rd_pages', module => 'rapiddisk',
	  function => 'rdsk_chunk_drop', in => 'rdsk_pages_remove', from => qr/^stlrb\s+wzr/,
	  barrier => $MB, to => qr/^(ret\b|bl\s.*<rdsk_chunk_empty>)/,
	  what => "the chunk is out of the table before its slots are looked at",
	  pair => "rdsk_pages_insert(): cmpxchg() of the slot before the chunk is looked up again" },
);

# functions of a disassembly: name => list of { at, text, target }
sub functions
{
	my ($file) = @_;
	my (%functions, $code);

	open(my $in, '<', $file) or die "$file: $!\n";
	while (<$in>) {
		if (/^[0-9a-f]+ <([^>]+)>:$/) {
			$code = $functions{$1} = [];
		} elsif ($code && /^\s*([0-9a-f]+):\t(.*?)\s*$/) {
			my ($at, $text) = (hex $1, $2);

			if ($text =~ /^R_AARCH64_(JUMP|CALL)26\s+(\S+)/) {
				$code->[-1]{outside} = 1 if $1 eq 'JUMP';
				$code->[-1]{text} .= " <$2>" if $1 eq 'CALL';
				next;
			}
			next if $text =~ /^R_AARCH64/;
			$text =~ s{\s*//.*}{};
			push @$code, { at => $at, text => $text };
		}
	}
	return \%functions;
}

# Which registers are known to hold the value (-1 or 0) after the instruction: a bit for each
sub holding
{
	my ($text, $known, $wanted) = @_;

	return $known & ~0x3ffff if $text =~ /^blr?\s/;		# x0 to x17 are the callee's
	if ($text =~ /^mov\s+[wx](\d+), (\S+)/) {
		my ($to, $value) = ($1, $2);
		my $is = $value =~ ($wanted ? qr/^#0xf{8,16}$/ : qr/^(#0x0|[wx]zr)$/) || ($value =~ /^[wx](\d+)$/ && $known >> $1 & 1);

		return $is ? $known | 1 << $to : $known & ~(1 << $to);
	}
	# Stores, compares and branches write no register that counts here; all else writes its first, some a second.
	return $known if $text =~ /^(st(?!l?x)\w*|c?cm[pn]|tst|b|b\.\w+|cbn?z|tbn?z|dmb|prfm|nop|ret|msr)\s/;
	if ($text =~ /^(?:ld\w*p|swp\w*|ldadd\w*|ldset\w*|ldclr\w*|ldeor\w*)\s+[wx](\d+), [wx](\d+)/) {
		return $known & ~(1 << $1 | 1 << $2);
	}
	return $text =~ /^\S+\s+[wx](\d+)/ ? $known & ~(1 << $1) : $known;
}

# Follows every way; returns what is wrong, or nothing
sub broken
{
	my ($rule, $code) = @_;
	my %index = map { $code->[$_]{at} => $_ } 0 .. $#$code;
	my (%seen, %met);
	my @todo = ([0, $rule->{from} eq 'entry' ? 'entry' : '', 0]);

	while (my $way = pop @todo) {
		my ($i, $pending, $known) = @$way;

		return "runs off the end of the function" if $i > $#$code;
		next if $seen{"$i/$pending/$known"}++;
		my ($text, $outside) = @{$code->[$i]}{'text', 'outside'};

		next if $text =~ /^bl\s.*<__stack_chk_fail>/ || $text =~ /^brk\b/;	# no return
		return "an indirect branch: $text" if $text =~ /^br\s/;
		my $ends = $outside || $text =~ $RETURN;
		if ($text =~ $rule->{to} || ($ends && 'ret' =~ $rule->{to})) {
			$met{to} = 1 if $pending ne '';
			if ($pending ne '' && $pending ne 'done' && !(defined $rule->{unless} && $known & 1)) {
				return sprintf "no barrier on the way from %s to %x: %s", $pending, $code->[$i]{at}, $text;
			}
			$pending = '' if $rule->{from} eq 'entry';
		}
		next if $ends;
		$met{barrier} = 1, $pending = 'done' if $text =~ $rule->{barrier} && $pending ne '';
		$pending = sprintf "%x", $code->[$i]{at} if $rule->{from} ne 'entry' && $text =~ $rule->{from};
		$known = holding($text, $known, $rule->{unless}) if defined $rule->{unless};
		if ($text =~ /^(b|b\.\w+|cbn?z|tbn?z)\s.*?\b([0-9a-f]+) </ && defined $index{hex $2}) {
			push @todo, [$index{hex $2}, $pending, $known];
			next if $1 eq 'b';
		} elsif ($text =~ /^b(\.\w+)?\s/) {
			return "a branch to nowhere: $text";
		}
		push @todo, [$i + 1, $pending, $known];
	}
	return "the barrier is never met" unless $met{barrier};
	return "the end is never met" unless $met{to};
	return;
}

my $without = @ARGV && $ARGV[0] eq '--without-barriers' && shift;
my %files = map { m{([^/]+)\.dis$} ? ($1 => functions($_)) : die "$_: not called OBJECT.dis\n" } @ARGV;
my ($checked, $wrong) = (0, 0);

for my $rule (grep { $files{$_->{object}} || $files{$_->{module}} } @rules) {
	my $functions = $files{$rule->{object}} || $files{$rule->{module}};
	my ($code) = grep { $_ } map { $functions->{$_ // ''} } @{$rule}{'function', 'in'};
	my @code = map { { %$_, text => $without && $_->{text} =~ $rule->{barrier} ? 'nop' : $_->{text} } } @{$code // []};
	my $why = @code ? broken($rule, \@code) : "there is no such function";

	$checked++;
	if ($without) {
		$wrong++ unless $why;
		print +($why ? "ok" : "not ok"), " - without barriers, $rule->{function}() is found\n";
	} else {
		$wrong++ if $why;
		print +($why ? "not ok" : "ok"), " - $rule->{function}(): $rule->{what}; pairs with $rule->{pair}\n";
		print "# $why\n" if $why;
	}
}
die "no rule is about @ARGV\n" unless $checked;
print "arm64 barriers: $checked checked, $wrong broken\n";
exit($wrong ? 1 : 0);
