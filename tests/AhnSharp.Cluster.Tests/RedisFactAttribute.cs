using System;
using System.IO;
using System.Linq;
using Xunit;

namespace AhnSharp.Cluster.Tests;

/// <summary>A test that needs the program redis-server, and is skipped by name where there is none.</summary>
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute()
    {
        if (!HasRedis) Skip = "needs redis-server (Debian: apt-get install redis-server)";
    }

    private static bool HasRedis { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(static folder => File.Exists(Path.Combine(folder, "redis-server")));
}
