using System;

namespace AhnSharp.Tokenizer;

/// <summary>The printable alphabet in which byte-level BPE writes bytes: one character a byte.</summary>
/// <remarks>
/// Bytes 0x21..0x7E, 0xA1..0xAC and 0xAE..0xFF stand for themselves; the other 68, in order, are U+0100..U+0143 (so a space is Ġ).
/// Source: GPT-2's vocabulary files, which Qwen2 follows.
/// </remarks>
internal static class ByteAlphabet
{
    private const int CharacterEnd = 0x144;

    private static readonly char[] CharacterOfByte = new char[256];
    private static readonly short[] ByteOfCharacter = new short[CharacterEnd];

    static ByteAlphabet()
    {
        Array.Fill(ByteOfCharacter, (short)-1);
        char next = (char)0x100;
        for (int value = 0; value < 256; value++)
        {
            bool itself = value is >= 0x21 and <= 0x7E or >= 0xA1 and <= 0xAC or >= 0xAE;
            char character = itself ? (char)value : next++;
            CharacterOfByte[value] = character;
            ByteOfCharacter[character] = (short)value;
        }
    }

    /// <summary>The character that stands for a byte.</summary>
    public static char Character(byte value) => CharacterOfByte[value];

    /// <summary>The byte that a character stands for, or -1 where it is not of the alphabet.</summary>
    public static int Byte(char character) => character < CharacterEnd ? ByteOfCharacter[character] : -1;
}
