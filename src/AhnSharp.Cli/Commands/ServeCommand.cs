using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Serve;
using AhnSharp.Extensions.AI;
using AhnSharp.Hub;
using AhnSharp.Planning;
using AhnSharp.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn serve</c>: models over HTTP, as OpenAI's, Anthropic's and Ollama's programs ask them.</summary>
internal sealed class ServeCommand
{
    private readonly ModelOptionGroup _model = new();
    private readonly SamplingOptionGroup _sampling = new();
    private readonly ServeOptionGroup _serve = new();
    private readonly Option<string?> _folder = Choice.Text(
        "--models-dir", "Serves every GGUF file of this folder under its name.", "FOLDER");
    private readonly Option<bool> _hub = Choice.Switch("--hub", "Serves every model that 'ahn pull' has fetched, as OWNER/REPO:TYPE.");
    private readonly Option<string[]> _aliases = new("--alias")
    {
        Description = "A further name of a model, as gpt-4o=qwen2.5-7b. May be given several times.",
        HelpName = "NAME=MODEL",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _anyName = Choice.Switch(
        "--any-model", "Answers requests for names that are not served with the default model.");

    private readonly Option<bool> _lazy = Choice.Switch(
        "--load-later", "Loads the default model with the first request, not at the start.");

    private Action<ParseResult, WebApplicationBuilder>? _extend;

    /// <param name="more">Options of a program that serves more than this one does.</param>
    /// <param name="extend">What they add to the server.</param>
    internal static Command Create(IEnumerable<Option>? more = null, Action<ParseResult, WebApplicationBuilder>? extend = null)
    {
        ServeCommand serve = new() { _extend = extend };
        Command command = new("serve", "Serves models over HTTP to programs that speak OpenAI's, Anthropic's or Ollama's interface.");
        serve._model.AddTo(command);
        command.Add(serve._model.ChatTemplate);
        foreach (Option option in new Option[] { serve._folder, serve._hub, serve._aliases, serve._anyName, serve._lazy })
            command.Add(option);
        serve._serve.AddTo(command);
        serve._sampling.AddTo(command);
        foreach (Option option in more ?? []) command.Add(option);
        command.SetAction(serve.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ServerListening listening = _serve.Listening(parsed);
        string? folder = parsed.GetValue(_folder);
        if (folder is not null && !Directory.Exists(folder))
            throw new UsageException($"--models-dir: expected a folder, found none at {folder}.");
        string? template = _model.TemplateSource(parsed);
        WebApplication app = ServerHost.Build(listening, options =>
        {
            _serve.Apply(parsed, options);
            Models(parsed, options);
            options.Generation = _sampling.Over(parsed, options.Generation);
            options.Configure = own => Configure(parsed, own, template);
        }, logging =>
        {
            if (parsed.GetValue(_serve.LogJson)) logging.AddJsonConsole();
            else logging.AddSimpleConsole(static console => (console.SingleLine, console.TimestampFormat) = (true, "yyyy-MM-dd HH:mm:ss "));
        }, builder => _extend?.Invoke(parsed, builder));
        await using (app)
        {
            // Streams end or are told within their time (ServerHost); a second Ctrl-C ends at once.
            using IDisposable finishing = CtrlC.Finishing();
            try
            {
                await app.StartAsync(cancellationToken);
            }
            catch (IOException taken) when (taken.InnerException is AddressInUseException or SocketException)
            {
                throw new IOException($"--port: {Where(listening)} is taken; choose another port.");
            }
            catch (SocketException refused)
            {
                throw new IOException($"--host: {Where(listening)} cannot be listened on: {refused.Message}.");
            }
            foreach (string url in app.Urls) Terminal.Note($"Listening on {url} (Ctrl-C ends).");
            await app.WaitForShutdownAsync(cancellationToken);
        }
        return cancellationToken.IsCancellationRequested ? CtrlC.ExitCode : AhnCommand.Done;
    }

    private void Models(ParseResult parsed, AhnServerOptions options)
    {
        options.ModelsFolder = parsed.GetValue(_folder);
        options.HubFolder = parsed.GetValue(_hub) ? HubSettings.FromEnvironment().CacheFolder : null;
        options.AnyModelName = parsed.GetValue(_anyName);
        options.LoadAtStart = !parsed.GetValue(_lazy);
        Settings.ChosenModel chosen = _model.Chosen(parsed);
        bool named = parsed.GetValue(_model.Model) is not null;
        if (named || (options.ModelsFolder is null && options.HubFolder is null))
        {
            string path = _model.ModelPath(parsed);
            string? adapter = _model.AhnPath(parsed);
            ModelPlan.Read(path, adapter); // what is no model is known now, not with the first request
            string given = chosen.Name ?? path;
            string id = File.Exists(given) ? Path.GetFileNameWithoutExtension(given) : given; // as 'ahn pull' names it
            options.Models.Add(new ServedModel(id, path, adapter));
        }
        foreach (string alias in parsed.GetValue(_aliases) ?? [])
        {
            string[] pair = alias.Split('=', 2);
            if (pair.Length != 2 || pair[0].Length == 0 || pair[1].Length == 0)
                throw new UsageException($"--alias: expected NAME=MODEL, found '{alias}'.");
            options.Aliases[pair[0]] = pair[1];
        }
        if (chosen.IsDemo && options.Models.Count > 0)
            Terminal.Note("No --model: serving the demo model, which is for trying the server and knows nothing.");
    }

    private void Configure(ParseResult parsed, AhnSharpOptions own, string? template)
    {
        Sessions.ModelOptions loading = _model.ModelOptions(parsed);
        (own.Threads, own.MemoryMap, own.Activations, own.IgnoreFingerprint) =
            (loading.Threads, loading.MemoryMap, loading.Activations, loading.IgnoreFingerprint);
        (own.Memory, own.Window) = (parsed.GetValue(_model.Memory), parsed.GetValue(_model.Window));
        (own.Sinks, own.ContextTokens) = (parsed.GetValue(_model.Sinks), parsed.GetValue(_model.Context));
        own.Kv = parsed.GetValue(_model.Kv) ?? own.Kv;
        DeviceChoice device = _model.DeviceChoice(parsed);
        if (device.Device == DeviceChoice.Processor && template is null) return;
        own.Load = (options, cancellation) => TextModel.Of(
            LoadedModel.LoadNetworkAsync(options.ModelPath!, options.AdapterPath, loading, device, cancellation).GetAwaiter().GetResult(),
            template);
    }

    private static string Where(ServerListening listening) => $"{listening.Address?.ToString() ?? "localhost"}:{listening.Port}";
}
