using System;
using System.Collections.Generic;
using System.IO;
using AhnSharp.Extensions.AI;

namespace AhnSharp.Server;

/// <summary>Which models are served, to whom, and within which limits.</summary>
/// <remarks>Validated when the application starts; what is wrong is a sentence.</remarks>
public sealed class AhnServerOptions
{
    /// <summary>Models by name.</summary>
    public IList<ServedModel> Models { get; } = [];

    /// <summary>A folder whose GGUF files are served under their names, looked through again with every listing; null: none.</summary>
    public string? ModelsFolder { get; set; }

    /// <summary>A cache of fetched models (<c>ahn pull</c>) that is served as well; null: none.</summary>
    public string? HubFolder { get; set; }

    /// <summary>Further names of models.</summary>
    public IDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The model of requests that name none; null: the first.</summary>
    public string? DefaultModel { get; set; }

    /// <summary>
    /// Whether a request for a name that is not served gets the default model, as programs need that cannot be told a name.
    /// </summary>
    public bool AnyModelName { get; set; }

    /// <summary>Is told of each model before it is loaded: threads, memory, archive, device.</summary>
    public Action<AhnSharpOptions>? Configure { get; set; }

    /// <summary>How long a model without requests stays loaded; null: until its memory is needed.</summary>
    public TimeSpan? KeepAlive { get; set; }

    /// <summary>Most bytes that loaded models and their sessions may be planned to take; null: what the machine has free.</summary>
    public long? MemoryBytes { get; set; }

    /// <summary>Whether the default model is loaded at the start.</summary>
    public bool LoadAtStart { get; set; } = true;

    /// <summary>How long a request waits for its model to be loaded; then it gets 503, and the loading goes on.</summary>
    public TimeSpan LoadPatience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Answers of one model that are read and written at the same time.</summary>
    public int MaxAnswers { get; set; } = 8;

    /// <summary>Requests of one model that may wait for their turn; further ones are refused with 429.</summary>
    public int MaxWaiting { get; set; } = 256;

    /// <summary>
    /// How long a running answer may wait for its next token because others' prompts are read; the pieces of prompts are cut by it.
    /// </summary>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Most tokens of a prompt in one pass; null: measured when a model is loaded, so that <see cref="LongestPause"/> holds with all
    /// answers running. The last bits of an answer depend on it: who wants the same on every day, on a busy machine too, says it.
    /// </summary>
    public int? PieceTokens { get; set; }

    /// <summary>Most bytes of kept beginnings of conversations, of each model.</summary>
    public long CacheBytes { get; set; } = 1L << 30;

    /// <summary>How answers are drawn where a request does not say.</summary>
    public GenerationOptions Generation { get; set; } = new()
    {
        MaxTokens = 4096,
        Sampling = new SamplingOptions { Temperature = 0.7f, TopP = 0.8f, TopK = 20, RepeatPenalty = 1.05f },
    };

    /// <summary>Keys of those who may ask; none: everybody who reaches the server.</summary>
    public IList<ApiKey> Keys { get; } = [];

    /// <summary>Names of this server beside those of its own machine, as a Host header says them; <c>*</c>: any.</summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>Origins of pages that may ask from a browser, such as <c>https://example.org</c>; <c>*</c>: any.</summary>
    public IList<string> Origins { get; } = [];

    /// <summary>Most bytes of a body, but for uploads of documents.</summary>
    public long MaxBodyBytes { get; set; } = 32L << 20;

    /// <summary>Most bytes of an uploaded document.</summary>
    public long MaxUploadBytes { get; set; } = 512L << 20;

    /// <summary>Where documents and kept responses lie; null: a folder of the user's data.</summary>
    public string? DataFolder { get; set; }

    /// <summary>Whether prompts and answers are written into the log.</summary>
    public bool LogTexts { get; set; }

    /// <summary>
    /// How long a stream waits for its first text before its head is sent: what fails until then has a status of its own.
    /// </summary>
    internal TimeSpan StreamPatience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a stream says nothing before it says that it is still there.</summary>
    internal TimeSpan StreamSilence { get; set; } = TimeSpan.FromSeconds(10);

    internal string EffectiveDataFolder => DataFolder ?? Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "ahnsharp", "serve");

    /// <summary>Throws an <see cref="ArgumentException"/> whose sentence names the first value out of range.</summary>
    public void Validate()
    {
        AtLeast(MaxAnswers, 1, nameof(MaxAnswers));
        AtLeast(MaxWaiting, 0, nameof(MaxWaiting));
        AtLeast(CacheBytes, 0, nameof(CacheBytes));
        AtLeast(MaxBodyBytes, 1, nameof(MaxBodyBytes));
        AtLeast(MaxUploadBytes, 1, nameof(MaxUploadBytes));
        AtLeast(PieceTokens ?? 1, 1, nameof(PieceTokens));
        AtLeast(MemoryBytes ?? 1, 1, nameof(MemoryBytes));
        if (LongestPause <= TimeSpan.Zero) throw Wrong(nameof(LongestPause), "a time above zero", LongestPause);
        if (LoadPatience <= TimeSpan.Zero) throw Wrong(nameof(LoadPatience), "a time above zero", LoadPatience);
        if (KeepAlive < TimeSpan.Zero) throw Wrong(nameof(KeepAlive), "a time of at least zero", KeepAlive);
        Generation.Validate();
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (ServedModel model in Models)
        {
            if (!names.Add(model.Id)) throw Wrong(nameof(Models), "each name once", model.Id);
        }
    }

    private static void AtLeast(long value, long least, string name)
    {
        if (value < least) throw Wrong(name, $"a whole number of at least {least}", value);
    }

    private static ArgumentException Wrong(string name, string expected, object? found) =>
        new($"{name}: expected {expected}, found {found}.", name);
}
