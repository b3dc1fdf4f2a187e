using System;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace AhnSharp.Tokenizer;

/// <summary>Bytes that arrive token by token → text that never ends in half a character.</summary>
/// <remarks>
/// Whole characters come out at once; the beginning of one waits for its rest. What cannot be the beginning of a character becomes U+FFFD
/// as soon as that is certain, one for each longest part that could have been one, as <see cref="Encoding.UTF8"/> does: the joined output
/// is that of decoding all the bytes together, however they were cut. Not for several threads at once.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of text, in the field's sense; not a System.IO.Stream.")]
public sealed class Utf8Stream
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>Takes bytes and returns the text that is whole now; often empty.</summary>
    public string Push(ReadOnlySpan<byte> bytes) => Decode(bytes, flush: false);

    /// <summary>Ends the text: an unfinished character becomes U+FFFD. The next bytes begin a new text.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        int count = _decoder.GetCharCount(bytes, flush);
        if (count == 0)
        {
            // The decoder still has to take in the bytes of an unfinished character.
            _decoder.GetChars(bytes, [], flush);
            return "";
        }
        char[] characters = new char[count];
        return new string(characters, 0, _decoder.GetChars(bytes, characters, flush));
    }
}
