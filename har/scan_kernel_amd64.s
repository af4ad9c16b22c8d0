//go:build !purego

#include "textflag.h"

// MASK64(a, b, spare, out) puts the highest bits of the bytes of a and b into out, those of a first.
#define MASK64(a, b, spare, out) \
	VPMOVMSKB a, out   \
	VPMOVMSKB b, spare \
	SHLQ $32, spare    \
	ORQ  spare, out

// EACH(byte, x, y) fills y, of which x is the lower half, with a byte.
#define EACH(byte, x, y) \
	MOVL $byte, AX      \
	VMOVD AX, x         \
	VPBROADCASTB x, y

// func markAVX2(text *byte, marks *mark, n int, c *carry, by *nibbleTables) int
//
// It does to a block at a time what markPortable does, in the same order.
TEXT ·markAVX2(SB), NOSPLIT, $0-48
	MOVQ text+0(FP), SI
	MOVQ marks+8(FP), DI
	MOVQ n+16(FP), CX
	MOVQ c+24(FP), R8
	MOVQ by+32(FP), DX
	MOVQ 0(R8), R9               // c.escaped
	MOVQ 8(R8), R10              // c.quoted
	VMOVDQU 0(DX), Y4            // by.low
	VMOVDQU 32(DX), Y5           // by.high
	EACH(0x22, X0, Y0)           // quotes
	EACH(0x5c, X1, Y1)           // backslashes
	EACH(0x1f, X2, Y2)           // the last control character
	EACH(0x0f, X3, Y3)           // low nibbles
	VPXOR Y6, Y6, Y6
	VPCMPEQB X7, X7, X7          // all ones
	MOVQ $0x5555555555555555, R8 // even places
	XORQ AX, AX                  // blocks done

block:
	VMOVDQU 0(SI), Y8
	VMOVDQU 32(SI), Y9

	// R11: quotes, BX: backslashes
	VPCMPEQB Y8, Y0, Y10
	VPCMPEQB Y9, Y0, Y11
	MASK64(Y10, Y11, R12, R11)
	VPCMPEQB Y8, Y1, Y10
	VPCMPEQB Y9, Y1, Y11
	MASK64(Y10, Y11, R12, BX)

	// escapes: DX gets what follows a backslash that is not escaped itself
	MOVQ R9, R13
	NOTQ R13
	ANDQ R13, BX
	LEAQ (R9)(BX*2), R13
	MOVQ R13, DX
	ORQ  R8, DX
	NOTQ DX
	ANDQ BX, DX
	ADDQ BX, DX
	SBBQ R9, R9
	NEGQ R9
	ADDQ DX, DX
	XORQ R8, DX
	ANDQ R13, DX
	NOTQ DX
	ANDQ DX, R11
	MOVQ R11, 0(DI)

	// strings: R12 gets the bytes inside. Multiplying by all ones without carry adds up the bits before each bit.
	VMOVQ R11, X10
	VPCLMULQDQ $0, X7, X10, X10
	VMOVQ X10, R12
	XORQ R10, R12
	MOVQ R12, R10
	SARQ $63, R10

	// R13: control characters inside
	VPMINUB Y8, Y2, Y10
	VPMINUB Y9, Y2, Y11
	VPCMPEQB Y8, Y10, Y10
	VPCMPEQB Y9, Y11, Y11
	MASK64(Y10, Y11, DX, R13)
	ANDQ R12, R13

	// punctuation, where the block is not all inside: BX gets the brackets outside, DX what may not stand there
	XORL BX, BX
	XORL DX, DX
	NOTQ R12
	TESTQ R12, R12
	JZ   mark
	VPSRLW $4, Y8, Y10
	VPSRLW $4, Y9, Y11
	VPAND Y3, Y10, Y10
	VPAND Y3, Y11, Y11
	VPSHUFB Y10, Y5, Y10
	VPSHUFB Y11, Y5, Y11
	VPSHUFB Y8, Y4, Y8
	VPSHUFB Y9, Y4, Y9
	VPAND Y8, Y10, Y8
	VPAND Y9, Y11, Y9
	MASK64(Y8, Y9, DX, BX)
	ANDQ R12, BX
	VPCMPEQB Y8, Y6, Y8
	VPCMPEQB Y9, Y6, Y9
	MASK64(Y8, Y9, R11, DX)
	ANDQ R12, DX

mark:
	MOVQ BX, 8(DI)
	ORQ  R13, DX
	JNZ  done

	ADDQ $64, SI
	ADDQ $16, DI
	INCQ AX
	CMPQ AX, CX
	JLT  block

done:
	MOVQ c+24(FP), R8
	MOVQ R9, 0(R8)
	MOVQ R10, 8(R8)
	VZEROUPPER
	MOVQ AX, ret+40(FP)
	RET
