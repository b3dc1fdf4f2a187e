using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;

namespace AhnSharp.Tests.Tokenizer;

/// <summary>A vocabulary made in the test: 256 bytes, the merges given, four special tokens and two padding rows.</summary>
internal static class SmallVocabulary
{
    public static readonly string[] Merges =

        [
            "Ġ Ġ", "ĠĠ ĠĠ", "h e", "l l", "he ll", "hell o", "Ġ hello", "Ġ w", "o r", "or l", "Ġw orl", "Ġworl d", "a a", "aa aa",
            "aaaa aaaa", "Ã ©", "1 2", "! !", "Ċ Ċ", "' s",
        ];

    public static readonly string[] Specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>"];

    /// <summary>The metadata of a good file, changed by a test that wants a bad one.</summary>
    public static GgufMetadata Metadata(Action<Dictionary<string, object>>? change = null, string[]? merges = null)
    {
        merges ??= Merges;
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.Character((byte)value).ToString())];
        tokens.AddRange(merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal)));
        int words = tokens.Count;
        tokens.AddRange(Specials);
        int used = tokens.Count;
        tokens.AddRange([$"[PAD{used}]", $"[PAD{used + 1}]"]);
        int[] types = [.. Enumerable.Repeat(1, words), 3, 3, 3, 4, 5, 4];
        Dictionary<string, object> values = new()
        {
            ["general.architecture"] = "qwen2",
            ["tokenizer.ggml.model"] = "gpt2",
            ["tokenizer.ggml.pre"] = "qwen2",
            ["tokenizer.ggml.tokens"] = tokens.ToArray(),
            ["tokenizer.ggml.token_type"] = types,
            ["tokenizer.ggml.merges"] = merges,
            ["tokenizer.ggml.eos_token_id"] = (uint)(words + 2),
            ["tokenizer.ggml.add_bos_token"] = false,
            ["tokenizer.chat_template"] = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
                + "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
        };
        change?.Invoke(values);
        return new GgufMetadata(values, "small.gguf");
    }

    public static QwenTokenizer Tokenizer { get; } = QwenTokenizer.FromGguf(Metadata());
}
