using System;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Server;

/// <summary>A whole application that serves models: what <c>ahn serve</c> runs.</summary>
public static class ServerHost
{
    /// <summary>What a running stream may still take when the server ends; then it is told, and the process ends.</summary>
    internal static readonly TimeSpan ShutdownTime = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan s_headerTime = TimeSpan.FromSeconds(15), s_idleTime = TimeSpan.FromMinutes(2);

    /// <summary>Builds it; <see cref="WebApplication.RunAsync"/> starts it.</summary>
    /// <param name="listening">Where it listens.</param>
    /// <param name="configure">Which models, to whom, within which limits.</param>
    /// <param name="logging">What is logged, and where; null: nothing.</param>
    /// <exception cref="ArgumentException">A value is out of range; the sentence names it.</exception>
    public static WebApplication Build(
        ServerListening listening, Action<AhnServerOptions> configure, Action<ILoggingBuilder>? logging = null) =>
        Build(listening, configure, logging, extend: null);

    /// <summary>The same with further services, which come after the server's own and may replace them.</summary>
    internal static WebApplication Build(ServerListening listening, Action<AhnServerOptions> configure, Action<ILoggingBuilder>? logging,
        Action<WebApplicationBuilder>? extend)
    {
        ArgumentNullException.ThrowIfNull(listening);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = "ahn",
            ContentRootPath = AppContext.BaseDirectory, // nothing is read from the folder that the command was started in
            EnvironmentName = Environments.Production,
        });
        builder.Logging.ClearProviders();
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // That it cannot start is thrown at whoever starts it, who says it better.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging?.Invoke(builder.Logging);
        builder.Services.AddAhnSharpServer(configure);
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = ShutdownTime);
        builder.Services.Configure<ConsoleLifetimeOptions>(static options => options.SuppressStatusMessages = true);
        if (listening.Certificate is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => Listen(options, listening));
        extend?.Invoke(builder);
        WebApplication app = builder.Build();
        app.MapAhnSharp();
        return app;
    }

    private static void Listen(KestrelServerOptions options, ServerListening listening)
    {
        options.AddServerHeader = false;
        options.Limits.MaxConcurrentConnections = listening.MaxConnections;
        options.Limits.RequestHeadersTimeout = s_headerTime;
        options.Limits.KeepAliveTimeout = s_idleTime;
        if (listening.Address is null) options.ListenLocalhost(listening.Port, Secure);
        else options.Listen(listening.Address, listening.Port, Secure);

        void Secure(ListenOptions endpoint)
        {
            if (listening.Certificate is { } certificate) endpoint.UseHttps(certificate);
        }
    }
}
