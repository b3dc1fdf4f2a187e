using System;
using System.Collections.Generic;
using System.IO;
using AhnSharp.Cpu;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;

namespace AhnSharp.Checks;

/// <summary>Saves a session over the same file until it is killed: the victim of the tests of durability.</summary>
public static class SnapshotLoop
{
    /// <summary>Bytes beside the session, so that most of the time is spent in the middle of a file.</summary>
    public const int FillerBytes = 16 << 20;

    /// <summary>A snapshot each time, one token further; a line each time it is whole. With a count, ends after that many.</summary>
    /// <returns>0, or 3 where saving failed, which is said in one line.</returns>
    public static int Run(string path, int? count)
    {
        using CpuModel model = GoldenModel.Load("gated_deltanet", 1);
        using LanguageSession session = model.CreateSession(new SessionOptions { Window = GoldenModel.Window, Sinks = GoldenModel.Sinks });
        model.Forward(session, GoldenModel.Ids.AsSpan(0, 200));
        byte[] filler = new byte[FillerBytes];
        new Random(1).NextBytes(filler);
        var options = new SnapshotOptions { Sections = new Dictionary<string, byte[]> { ["filler"] = filler } };
        for (int i = 0; i != count; i++)
        {
            try
            {
                session.Save(path, options);
            }
            catch (Exception error) when (error is IOException or ArgumentOutOfRangeException)
            {
                // A file that may not grow further (EFBIG) is the latter to .NET.
                Console.WriteLine($"failed: {error.Message}");
                return 3;
            }
            Console.WriteLine($"saved {session.Position}");
            model.Forward(session, GoldenModel.Ids.AsSpan((int)session.Position % GoldenModel.Tokens, 1));
        }
        return 0;
    }
}
