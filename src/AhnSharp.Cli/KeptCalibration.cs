using System;
using System.IO;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Settings;
using AhnSharp.Evaluation;
using AhnSharp.Files;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Cli;

/// <summary>
/// Calibrations of archive heads that nobody names: the one beside a model's adapter, or beside the model, else the one that <c>ahn
/// calibrate</c> kept by the base model's fingerprint, which every quantization of it shares.
/// </summary>
/// <remarks>Kept in ahn/heads of XDG_CACHE_HOME (~/.cache), on Windows in the user's local application data.</remarks>
internal static class KeptCalibration
{
    private const string Ending = ".heads.json";

    // Asked for anew: a test's line says where its cache is.
    private static string Folder => Path.Combine(OperatingSystem.IsWindows()
        ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
        : SettingsFile.UserFolder(Environment.GetEnvironmentVariable, "XDG_CACHE_HOME", ".cache"), "ahn", "heads");

    /// <summary>Keeps a calibration in the place of an older one of the same base model.</summary>
    /// <returns>Its file; null where the model has no fingerprint, or the file cannot be written, which is said.</returns>
    internal static string? Keep(HeadCalibration calibration)
    {
        if (calibration.Fingerprint is not { } fingerprint) return null;
        string path = PathOf(fingerprint);
        try
        {
            Directory.CreateDirectory(Folder);
            using PartialFile file = OutputFile.Create(path, OutputKind.Other, overwrite: true);
            file.Write(calibration.ToJson());
            return path;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Terminal.Warn($"The calibration was not kept in the cache: {Failure.Explain(refused).Sentence}");
            return null;
        }
    }

    /// <summary>The calibration that was made for a model.</summary>
    /// <param name="modelPath">The base or merged file.</param>
    /// <param name="ahnPath">The memory in a file of its own, or null.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <exception cref="UsageException">There is none.</exception>
    internal static string Find(string modelPath, string? ahnPath, int layers)
    {
        string beside = HeadCalibration.PathBeside(ahnPath ?? modelPath);
        if (File.Exists(beside)) return beside;
        string? fingerprint;
        using (GgufFile file = GgufFile.Open(modelPath)) fingerprint = ModelIdentity.FingerprintOf(file, layers);
        string? kept = fingerprint is null ? null : PathOf(fingerprint);
        if (File.Exists(kept)) return kept;
        throw new UsageException(
            $"--archive-heads auto: expected a calibration of this model, found none at {beside}{(kept is null ? "" : $" or {kept}")}: "
                + "'ahn calibrate' makes one.");
    }

    private static string PathOf(string fingerprint) => Path.Combine(Folder, fingerprint + Ending);
}
