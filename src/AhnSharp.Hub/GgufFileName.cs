using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using AhnSharp.Gguf;

namespace AhnSharp.Hub;

/// <summary>What the name of a GGUF file says: the model it belongs to, its type, and which part of it the file is.</summary>
/// <param name="Model">The path without the part's number: equal for all parts of a split model.</param>
/// <param name="Type">The last word that is a type, in upper case (<c>Q4_K_M</c>, <c>F16</c>); null where there is none.</param>
/// <param name="Part">Number of the part, from 1.</param>
/// <param name="PartCount">Parts of the model; 1 for a whole file.</param>
internal sealed partial record GgufFileName(string Model, string? Type, int Part, int PartCount)
{
    public const string Extension = ".gguf";

    // What lies beside models in GGUF files and is none: the picture towers of multimodal ones, and the statistics of quantizers.
    private static readonly string[] s_others = ["mmproj", "imatrix"];

    /// <summary>The name of a model file; null for other files.</summary>
    public static GgufFileName? Of(string path)
    {
        if (!path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)) return null;
        bool isPart = SplitName.TryParse(path, out SplitName split) && split.Count > 0 && split.Number >= 1 && split.Number <= split.Count;
        string model = isPart ? split.Prefix : path[..^Extension.Length], stem = Path.GetFileName(model);
        if (s_others.Any(other => stem.Contains(other, StringComparison.OrdinalIgnoreCase))) return null;
        return new GgufFileName(model, TypeIn(stem), isPart ? split.Number : 1, isPart ? split.Count : 1);
    }

    /// <summary>True where the stem ends with <paramref name="word"/> as a word of its own, or with the type of that name.</summary>
    public bool Is(string word)
    {
        if (Type is not null && Type.Equals(word, StringComparison.OrdinalIgnoreCase)) return true;
        string stem = Path.GetFileName(Model);
        return stem.EndsWith(word, StringComparison.OrdinalIgnoreCase)
            && (stem.Length == word.Length || stem[^(word.Length + 1)] is '-' or '.' or '_');
    }

    private static string? TypeIn(string stem) => TypeWord().Matches(stem).LastOrDefault()?.Groups[1].Value.ToUpperInvariant();

    [GeneratedRegex(@"(?<![A-Za-z0-9])((?:IQ[1-9]|TQ[12]|Q[1-9])_[A-Z0-9]+(?:_[A-Z]+)*|BF16|FP?16|FP?32|MXFP4(?:_MOE)?)(?![A-Za-z0-9])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TypeWord();
}
