using System;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace AhnSharp.Conversion;

/// <summary>
/// A vocabulary for models of random weights, so that commands of text work on them: single bytes and Qwen's special tokens.
/// </summary>
/// <remarks>
/// Ids 0–255 are the bytes in the order of byte-level vocabularies, 151643–151664 Qwen2.5's added tokens at their own ids; every other row
/// is unused. A text is thus one token a byte.
/// </remarks>
internal static class SyntheticTokenizer
{
    public const int EndOfText = 151643, EndOfTurn = 151645;

    // The first fourteen are control tokens, the others user-defined, as in Qwen2.5.
    private const int ControlCount = 14;
    private static readonly string[] Added =
    [
        "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>", "<|box_end|>",
        "<|quad_start|>",
        "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
        "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>",
    ];

    private const string ChatTemplate =
        "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}{%- endfor %}"
        + "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}";

    public static TokenTable Create(int vocabularySize)
    {
        TokenTable table = new()
        {
            Tokens = [.. Enumerable.Range(0, vocabularySize).Select(TokenTable.UnusedText)],
            Types = [.. Enumerable.Repeat(TokenTable.Unused, vocabularySize)],
            Merges = [],
            EndTokens = [EndOfTurn, EndOfText],
            PaddingToken = EndOfText,
            BeginToken = EndOfText,
            ChatTemplate = ChatTemplate,
        };
        for (int id = 0; id < 256; id++) (table.Tokens[id], table.Types[id]) = (ByteText(id), TokenTable.Normal);
        for (int i = 0; i < Added.Length; i++)
        {
            (table.Tokens[EndOfText + i], table.Types[EndOfText + i]) =
                (Added[i], i < ControlCount ? TokenTable.Control : TokenTable.UserDefined);
        }
        return table;
    }

    /// <summary>tokenizer.json, tokenizer_config.json and generation_config.json, as a Qwen2.5 folder has them.</summary>
    public static void WriteFiles(string folder)
    {
        JsonFile.Write(Path.Combine(folder, "tokenizer.json"), json =>
        {
            json.WriteString("version", "1.0");
            json.WriteStartArray("added_tokens");
            for (int i = 0; i < Added.Length; i++)
            {
                json.WriteStartObject();
                json.WriteNumber("id", EndOfText + i);
                WriteAdded(json, i);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("normalizer");
            json.WriteString("type", "NFC");
            json.WriteEndObject();
            WritePreTokenizer(json);
            json.WriteStartObject("model");
            json.WriteString("type", "BPE");
            json.WriteStartObject("vocab");
            for (int id = 0; id < 256; id++) json.WriteNumber(ByteText(id), id);
            json.WriteEndObject();
            json.WriteStartArray("merges");
            json.WriteEndArray();
            json.WriteEndObject();
        });
        JsonFile.Write(Path.Combine(folder, "tokenizer_config.json"), json =>
        {
            json.WriteBoolean("add_bos_token", false);
            json.WriteStartObject("added_tokens_decoder");
            for (int i = 0; i < Added.Length; i++)
            {
                json.WriteStartObject((EndOfText + i).ToString(null, null));
                WriteAdded(json, i);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteNull("bos_token");
            json.WriteString("chat_template", ChatTemplate);
            json.WriteString("eos_token", "<|im_end|>");
            json.WriteString("pad_token", "<|endoftext|>");
            json.WriteString("tokenizer_class", "Qwen2Tokenizer");
        });
        JsonFile.Write(Path.Combine(folder, "generation_config.json"), json =>
        {
            json.WriteNumber("bos_token_id", EndOfText);
            json.WriteStartArray("eos_token_id");
            json.WriteNumberValue(EndOfTurn);
            json.WriteNumberValue(EndOfText);
            json.WriteEndArray();
        });
    }

    /// <summary>
    /// Byte-level vocabularies write a byte as one visible character; those that have none of their own follow from U+0100 on.
    /// </summary>
    internal static string ByteText(int id)
    {
        // 94 + 12 + 82 bytes are visible in Latin-1; ids run over them first, then over the other 68.
        ReadOnlySpan<(int First, int Last)> visible = [(33, 126), (161, 172), (174, 255)];
        foreach ((int first, int last) in visible)
        {
            if (id <= last - first) return ((char)(first + id)).ToString();
            id -= last - first + 1;
        }
        return ((char)(256 + id)).ToString();
    }

    private static void WriteAdded(Utf8JsonWriter json, int i)
    {
        json.WriteString("content", Added[i]);
        json.WriteBoolean("lstrip", false);
        json.WriteBoolean("normalized", false);
        json.WriteBoolean("rstrip", false);
        json.WriteBoolean("single_word", false);
        json.WriteBoolean("special", i < ControlCount);
    }

    private static void WritePreTokenizer(Utf8JsonWriter json)
    {
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", HuggingFaceTokenizer.Qwen2Pattern);
        json.WriteEndObject();
        json.WriteString("behavior", "Isolated");
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", false);
        json.WriteBoolean("use_regex", false);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
