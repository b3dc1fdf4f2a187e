using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using AhnSharp.Files;
using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>Reads the tokenizer files of a Hugging Face folder into the table that GGUF stores.</summary>
/// <remarks>
/// The vocabulary comes from tokenizer.json, else from vocab.json and merges.txt; added tokens also from tokenizer_config.json and
/// added_tokens.json; the end tokens from generation_config.json, else config.json, else tokenizer_config.json; the chat template from
/// chat_template.jinja, else tokenizer_config.json.
/// </remarks>
internal sealed class HuggingFaceTokenizer
{
    /// <summary>How Qwen2 cuts text before merging; GGUF names it <c>qwen2</c> and carries no expression of its own.</summary>
    public const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private readonly string _folder;
    private readonly string?[] _tokens;
    private readonly int[] _types;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private string[] _merges = [];

    private HuggingFaceTokenizer(string folder, int vocabularySize)
    {
        _folder = folder;
        _tokens = new string?[vocabularySize];
        _types = new int[vocabularySize];
    }

    /// <summary>The table, or null where the folder has no tokenizer.</summary>
    public static TokenTable? Read(string folder, FolderConfig config, bool embeds, Action<string> note)
    {
        string vocabularyPath = Path.Combine(folder, "vocab.json"), mergesPath = Path.Combine(folder, "merges.txt");
        ConfigJson? whole = ConfigJson.LoadIfThere(Path.Combine(folder, "tokenizer.json"));
        if (whole is null && !File.Exists(vocabularyPath))
        {
            note($"{folder} has no tokenizer.json and no vocab.json: the file gets no tokenizer, "
                + $"and commands that need text will refuse it.");
            return null;
        }
        HuggingFaceTokenizer tokenizer = new(folder, config.Model.VocabularySize);
        ConfigJson? settings = ConfigJson.LoadIfThere(Path.Combine(folder, "tokenizer_config.json"));
        if (whole is not null)
        {
            tokenizer.ReadTokenizerJson(whole);
        }
        else
        {
            if (!File.Exists(mergesPath))
                throw new InvalidModelException($"{folder}: vocab.json needs a merges.txt beside it, found none.");
            CheckClass(settings);
            tokenizer.AddVocabulary(ConfigJson.Load(vocabularyPath));
            tokenizer._merges = ReadMergesText(mergesPath);
        }
        tokenizer.AddFromSettings(settings);
        tokenizer.AddFromAddedTokens(ConfigJson.LoadIfThere(Path.Combine(folder, "added_tokens.json")));
        return FolderEmbedding.WithTextEnd(tokenizer.Finish(config, settings, note), whole, settings, embeds);
    }

    private TokenTable Finish(FolderConfig config, ConfigJson? settings, Action<string> note)
    {
        IReadOnlyList<int> ends = ConfigJson.LoadIfThere(Path.Combine(_folder, "generation_config.json"))?.Ids("eos_token_id") ?? [];
        if (ends.Count == 0) ends = config.EndTokens;
        if (ends.Count == 0 && SpecialToken(settings, "eos_token") is { } eos) ends = [eos];
        if (ends.Count == 0) note($"{_folder} names no eos_token_id: nothing but a limit will end what this file generates.");
        foreach (int id in ends) CheckId("eos_token_id", id);
        if (config.BeginToken is { } begin) CheckId("bos_token_id", begin);

        int unused = 0;
        for (int id = 0; id < _tokens.Length; id++)
        {
            if (_tokens[id] is not null) continue;
            _tokens[id] = TokenTable.UnusedText(id);
            _types[id] = TokenTable.Unused;
            unused++;
        }
        if (unused > 0)
            note($"{unused} of {_tokens.Length} rows of the embedding have no token: they are written as unused and never sampled.");
        return new TokenTable
        {
            Tokens = _tokens!,
            Types = _types,
            Merges = _merges,
            EndTokens = [.. ends.Distinct()],
            PaddingToken = SpecialToken(settings, "pad_token", note),
            BeginToken = config.BeginToken,
            AddBegin = settings?.Bool("add_bos_token") ?? false,
            ChatTemplate = ReadChatTemplate(settings, note),
        };
    }

    private void ReadTokenizerJson(ConfigJson whole)
    {
        ConfigJson model = whole.Object("model") ?? throw whole.Missing("model");
        if (model.Text("type") is { } type && type != "BPE") throw model.Wrong("type", "BPE", type);
        CheckPattern(whole);
        AddVocabulary(model.Object("vocab") ?? throw model.Missing("vocab"));

        JsonElement merges = model.Find("merges") ?? throw model.Missing("merges");
        if (merges.ValueKind != JsonValueKind.Array) throw model.Wrong("merges", "a list", merges.ValueKind.ToString());
        _merges = new string[merges.GetArrayLength()];
        int rank = 0;
        foreach (JsonElement merge in merges.EnumerateArray())
        {
            // Either "a b" or, in newer files, ["a", "b"].
            string text =
                merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 ? $"{merge[0]} {merge[1]}" : merge.ToString();
            _merges[rank++] = IsMerge(text) ? text : throw model.Wrong("merges", "pairs of tokens", text);
        }
        if (whole.Find("added_tokens") is not { } added) return;
        if (added.ValueKind != JsonValueKind.Array) throw whole.Wrong("added_tokens", "a list", added.ValueKind.ToString());
        foreach (JsonElement token in added.EnumerateArray())
        {
            bool whole3 = token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out JsonElement content)
                && content.ValueKind == JsonValueKind.String
                && token.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out _)
                && token.TryGetProperty("special", out JsonElement special)
                && special.ValueKind is JsonValueKind.True or JsonValueKind.False;
            if (!whole3) throw whole.Wrong("added_tokens", "objects with id, content and special", token.GetRawText());
            AddAdded(
                token.GetProperty("content").GetString()!, token.GetProperty("id").GetInt32(), token.GetProperty("special").GetBoolean());
        }
    }

    private void AddVocabulary(ConfigJson vocabulary)
    {
        foreach (JsonProperty entry in vocabulary.Root.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out int id))
                throw vocabulary.Wrong(entry.Name, "a token id", entry.Value.GetRawText());
            Place(entry.Name, id, TokenTable.Normal);
        }
    }

    private void AddFromSettings(ConfigJson? settings)
    {
        if (settings?.Object("added_tokens_decoder") is not { } decoder) return;
        foreach (JsonProperty entry in decoder.Root.EnumerateObject())
        {
            ConfigJson token = decoder.Object(entry.Name) ?? throw decoder.Missing(entry.Name);
            if (!int.TryParse(entry.Name, out int id)) throw decoder.Wrong(entry.Name, "named by a token id", entry.Name);
            AddAdded(token.Text("content") ?? throw token.Missing("content"), id, token.Bool("special") ?? true);
        }
    }

    /// <summary>added_tokens.json does not say which tokens are special; those known from elsewhere keep their type, others are.</summary>
    private void AddFromAddedTokens(ConfigJson? file)
    {
        if (file is null) return;
        foreach (JsonProperty entry in file.Root.EnumerateObject())
            AddAdded(entry.Name, file.RequiredInt(entry.Name, 0, int.MaxValue), special: true);
    }

    private void AddAdded(string text, int id, bool special)
    {
        if (_ids.TryGetValue(text, out int known) && known == id && _types[id] != TokenTable.Normal) return;
        Place(text, id, special ? TokenTable.Control : TokenTable.UserDefined);
    }

    private void Place(string text, int id, int type)
    {
        if ((uint)id >= (uint)_tokens.Length)
        {
            throw new InvalidModelException(
                $"{_folder}: the token {Shown(text)} has the id {id}, but config.json's vocab_size is {_tokens.Length}.");
        }
        if (_tokens[id] is { } other && other != text)
        {
            throw new InvalidModelException(
                $"{_folder}: the id {id} belongs to both {Shown(other)} and {Shown(text)}; expected one token.");
        }
        if (_ids.TryGetValue(text, out int otherId) && otherId != id)
        {
            throw new InvalidModelException($"{_folder}: the token {Shown(text)} has both the ids {otherId} and {id}; expected one.");
        }
        _ids[text] = id;
        _tokens[id] = text;
        _types[id] = type;
    }

    private void CheckId(string field, int id)
    {
        if (id >= _tokens.Length || _tokens[id] is null)
            throw new InvalidModelException($"{_folder}: {field} is {id}, which is no token of the tokenizer.");
    }

    /// <summary>A special token's id: its text stands alone or in an object with the field <c>content</c>.</summary>
    /// <param name="settings">tokenizer_config.json.</param>
    /// <param name="field">The field.</param>
    /// <param name="note">Where nothing but a name depends on the token: takes the sentence that it is left out, if it is
    /// none of the vocabulary.</param>
    private int? SpecialToken(ConfigJson? settings, string field, Action<string>? note = null)
    {
        if (settings is null) return null;
        if (settings.TokenText(field) is not { } text) return null;
        if (_ids.TryGetValue(text, out int id)) return id;
        if (note is null) throw settings.Wrong(field, "a token of the vocabulary", text);
        note($"{settings.Path}: {field} is {Shown(text)}, which is no token of the vocabulary: it is left out.");
        return null;
    }

    // In the order in which transformers looks: a file of its own, a JSON file of its own, the tokenizer's settings.
    private string? ReadChatTemplate(ConfigJson? settings, Action<string> note)
    {
        string path = Path.Combine(_folder, "chat_template.jinja");
        if (File.Exists(path)) return RegularFile.ReadAllText(path);
        ConfigJson? own = ConfigJson.LoadIfThere(Path.Combine(_folder, "chat_template.json"));
        if (own?.Find("chat_template") is not null) settings = own;
        if (settings?.Find("chat_template") is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) return settings.Text("chat_template");
        List<(string Name, string Template)> named = [];
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out JsonElement name)
                && name.ValueKind == JsonValueKind.String
                && item.TryGetProperty("template", out JsonElement template) && template.ValueKind == JsonValueKind.String)
                named.Add((name.GetString()!, template.GetString()!));
        }
        if (named.Count == 0)
        {
            throw settings.Wrong(
                "chat_template", "a text, or a list of objects with name and template", $"a list of {value.GetArrayLength()}");
        }
        (string chosen, string source) =
            named.Find(static one => one.Name == "default") is { Name: not null } standard ? standard : named[0];
        if (value.GetArrayLength() > 1 || chosen != "default")
        {
            note(
                $"{settings.Path} has {value.GetArrayLength()} chat templates ({string.Join(", ", named.Select(static one => one.Name))}): "
                    + $"the one named {chosen}{(chosen == "default" ? "" : ", the first,")} is written; "
                    + $"--chat-template FILE takes another when the model runs.");
        }
        return source;
    }

    private static void CheckPattern(ConfigJson whole)
    {
        ConfigJson pre = whole.Object("pre_tokenizer") ?? throw whole.Missing("pre_tokenizer");
        IEnumerable<JsonElement> steps =
            pre.Find("pretokenizers") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [pre.Root];
        foreach (JsonElement step in steps)
        {
            if (step.ValueKind != JsonValueKind.Object || !step.TryGetProperty("pattern", out JsonElement pattern)) continue;
            string found = pattern.ValueKind == JsonValueKind.Object && pattern.TryGetProperty("Regex", out JsonElement regex)
                ? regex.ToString()
                : pattern.GetRawText();
            if (found != Qwen2Pattern) throw whole.Wrong("pre_tokenizer", "Qwen2's, which is the only one supported", found);
            CheckNoPrefix(whole, steps);
            return;
        }
        throw whole.Wrong("pre_tokenizer", "Qwen2's split by a regular expression", pre.Text("type") ?? "without one");
    }

    // A space before the first word would give other ids, and a GGUF cannot ask for it.
    private static void CheckNoPrefix(ConfigJson whole, IEnumerable<JsonElement> steps)
    {
        foreach (JsonElement step in steps)
        {
            if (step.ValueKind == JsonValueKind.Object && step.TryGetProperty("add_prefix_space", out JsonElement adds)
                && adds.ValueKind == JsonValueKind.True)
                throw whole.Wrong("pre_tokenizer: add_prefix_space", "false, as Qwen2's is, since a GGUF has no place for it", "true");
        }
    }

    private static void CheckClass(ConfigJson? settings)
    {
        if (settings?.Text("tokenizer_class") is { } name && name is not ("Qwen2Tokenizer" or "Qwen2TokenizerFast"))
        {
            throw settings.Wrong("tokenizer_class", "Qwen2Tokenizer", name);
        }
    }

    private static string[] ReadMergesText(string path)
    {
        List<string> merges = [];
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0 || (number == 1 && line.StartsWith("#version", StringComparison.Ordinal))) continue;
            merges.Add(IsMerge(line) ? line : throw new InvalidModelException(
                $"{path}, line {number}: expected two tokens with a space between, found {Shown(line)}."));
        }
        return [.. merges];
    }

    private static bool IsMerge(string text)
    {
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && space < text.Length - 1 && text.IndexOf(' ', space + 1) < 0;
    }

    private static string Shown(string text) => text.Length <= 40 ? $"\"{text}\"" : $"\"{text[..39]}…\"";
}
