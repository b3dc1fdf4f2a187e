using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using AhnSharp.Tokenizer;
using CsCheck;
using Xunit;

namespace AhnSharp.Tests.Tokenizer;

public sealed class QwenTokenizerTests
{
    private static readonly QwenTokenizer Small = SmallVocabulary.Tokenizer;

    private static readonly string[] Curious =

        [
            "hello", " hello world", "<|im_end|>", "e\u0301", "é", "中文", "🦙", "𠀀", "𝐀b", "'ll", "\u017F", "   ", "\uFEFF", "\u200D",
            "\u0378", "\uFFFF", "\U0010FFFF",
        ];

    // Weighted towards what cuts words: letters, digits, spaces, line ends, quotes, symbols, and code points beyond U+FFFF.
    internal static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Char["aehlo sdt'12 \n\r\t.!<|>_-\u00A0\u3000\0"].Array[0, 80].Select(characters => new string(characters)),
        Gen.Int[0, 0x10FFFF].Where(code => code is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32).Array[0, 30].Select(string.Concat),
        Gen.Int[0, Curious.Length - 1].Select(i => Curious[i]).Array[0, 20].Select(string.Concat));

    [Fact]
    public void Every_text_comes_back() => Texts.Sample(text =>
    {
        Assert.Equal(text, Small.Decode(Small.Encode(text)));
        Assert.Equal(text, Small.Decode(Small.EncodeWithSpecials(text)));
    }, iter: 20_000);

    [Fact]
    public void Words_cover_the_text_and_never_cut_a_character() => Texts.Sample(text =>
    {
        int end = 0;
        foreach ((int offset, int length) in QwenPreTokenizer.Words(text))
        {
            Assert.Equal(end, offset);
            Assert.True(length > 0);
            Assert.False(char.IsLowSurrogate(text[offset]));
            end += length;
        }
        Assert.Equal(text.Length, end);
    }, iter: 20_000);

    [Theory]
    [InlineData("Hello, y'all! It'S 1234", "Hello|,| y|'all|!| It|'S| |1|2|3|4")]
    [InlineData("a  b\t\tc\n\n  d \n", "a| | b|\t|\tc|\n\n| | d| \n")]
    [InlineData("x...\r\n\r\ny ()\n", "x|...\r\n\r\n|y| ()\n")]
    [InlineData("we'Re'veI'lL'd 'm's x'\u017Fx", "we|'Re|'ve|I|'lL|'d| '|m|'s| x|'\u017F|x")]
    [InlineData("a𠀀b 𝐀𝟙 🦙x🦙", "a𠀀b| 𝐀|𝟙| 🦙|x|🦙")]
    [InlineData("½²Ⅷ\u00A0x\u3000\u3000.", "½|²|Ⅷ|\u00A0x|\u3000|\u3000|.")]
    [InlineData("trailing   ", "trailing|   ")]
    [InlineData(" \n \n x", " \n \n| x")]
    public void Words_are_those_of_the_pattern(string text, string words) =>
        Assert.Equal(words, string.Join('|', QwenPreTokenizer.Words(text).Select(word => text.Substring(word.Offset, word.Length))));

    [Fact]
    public void Merges_run_by_rank()
    {
        Assert.Equal(["hello", "Ġworld"], Small.Encode("hello world").Select(Name));
        Assert.Equal(["he", "l", "p"], Small.Encode("help").Select(Name));
        Assert.Equal(["aaaaaaaa", "aa", "a"], Small.Encode("aaaaaaaaaaa").Select(Name));
        Assert.Empty(Small.Encode(""));
    }

    [Fact]
    public void Text_is_not_normalised()
    {
        // Hugging Face's tokenizers normalises to NFC first and would give the ids of é for both.
        Assert.Equal("Ã©", Name(Assert.Single(Small.Encode("\u00E9"))));
        Assert.Equal(["e", "Ì", "ģ"], Small.Encode("e\u0301").Select(Name));
        Assert.Equal("e\u0301", Small.Decode(Small.Encode("e\u0301")));
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_a_replacement_character()
    {
        Assert.Equal("a\uFFFDb\uFFFD🦙", Small.Decode(Small.Encode("a\uD83Eb\uDD99🦙")));
        Assert.Equal("\uFFFD", Small.Decode(Small.EncodeWithSpecials("\uD83E")));
    }

    [Fact]
    public void Special_tokens_are_recognised_where_asked_alone()
    {
        int end = Small.IdOf("<|im_end|>")!.Value, call = Small.IdOf("<tool_call>")!.Value;
        Assert.Equal([call, end], Small.EncodeWithSpecials("<tool_call><|im_end|>"));
        Assert.Equal([.. Small.Encode("hello"), end, .. Small.Encode(" hello")], Small.EncodeWithSpecials("hello<|im_end|> hello"));
        Assert.DoesNotContain(Small.Encode("hello<|im_end|><tool_call>"), id => id == end || id == call);
        Assert.True(Small.IsSpecial(end));
        Assert.False(Small.IsSpecial(call)); // user-defined: a name that is text
        Assert.Null(Small.IdOf("hello"));
        Assert.Equal("hello<|im_end|>", Small.Decode(Small.EncodeWithSpecials("hello<|im_end|>")));
    }

    [Fact]
    public void Padding_rows_stand_for_nothing()
    {
        int size = Small.VocabularySize;
        Assert.Equal([false, true, true, true, true], new[] { size - 3, size - 2, size - 1, size, -1 }.Select(Small.IsUnused));
        Assert.Empty(Small.BytesOf(size - 1).ToArray());
        Assert.DoesNotContain(size - 1, Small.EncodeWithSpecials($"[PAD{size - 1}]"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Small.BytesOf(size).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => Small.Decode([-1]));
    }

    [Fact]
    public void End_tokens_are_those_of_the_keys_and_of_the_names()
    {
        Assert.Equal([Small.IdOf("<|endoftext|>")!.Value, Small.IdOf("<|im_end|>")!.Value], Small.EndTokens.ToArray());
        QwenTokenizer more = QwenTokenizer.FromGguf(SmallVocabulary.Metadata(values =>
        {
            values["tokenizer.ggml.eos_token_id"] = 7u;
            values["tokenizer.ggml.eot_token_id"] = 5u;
            values["tokenizer.ggml.eom_token_id"] = 6u;
        }));
        Assert.Equal([5, 6, 7, .. Small.EndTokens], more.EndTokens.ToArray());
    }

    [Fact]
    public void Looking_up_a_token_allocates_nothing()
    {
        long sum = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int id = 0; id < Small.VocabularySize; id++)
                sum += Small.BytesOf(id).Length + (Small.IsSpecial(id) ? 1 : 0) + (Small.IsUnused(id) ? 1 : 0);
            if (round == 1) Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
        Assert.True(sum > 256);
    }

    [Fact]
    public void Very_long_words_merge_as_short_ones_do()
    {
        Dictionary<string, int> ids = Enumerable.Range(0, Small.VocabularySize - 6).ToDictionary(Name, id => id);
        int[] idOfByte = [.. Enumerable.Range(0, 256).Select(value => ids[ByteAlphabet.Character((byte)value).ToString()])];
        MergeTable table = MergeTable.Parse(SmallVocabulary.Merges, ids, idOfByte);
        Gen.Char["aehlord"].Array[1, 300].Select(letters => new string(letters)).Sample(word =>
        {
            List<int> merged = [];
            table.Merge(Encoding.UTF8.GetBytes(word), merged);
            Assert.Equal(Small.Encode(word), merged);
        }, iter: 5_000);
    }

    [Theory]
    [InlineData("a", 200_000)]
    [InlineData("hello", 40_000)]
    [InlineData("é", 100_000)]
    [InlineData("!", 200_000)]
    [InlineData(" ", 200_000)]
    [InlineData("\n", 200_000)]
    [InlineData("<", 200_000)]
    [InlineData("<|im_end|>", 20_000)]
    public void Long_runs_take_no_long_time(string unit, int count)
    {
        string text = "x " + string.Concat(Enumerable.Repeat(unit, count)) + "\ty";
        DateTime start = DateTime.UtcNow;
        Assert.Equal(text, Small.Decode(Small.Encode(text)));
        Assert.Equal(text, Small.Decode(Small.EncodeWithSpecials(text)));
        // Far above what a busy machine takes; see MergeTable for why it could be minutes.
        Assert.InRange((DateTime.UtcNow - start).TotalSeconds, 0, 60);
    }

    private static string Name(int id) => string.Concat(Small.BytesOf(id).ToArray().Select(ByteAlphabet.Character));
}
