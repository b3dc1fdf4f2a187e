// McpTools MODEL QUESTION: the tools of a server of the Model Context Protocol, called by a model of this machine. The server runs in this
// program, to have one; StdioClientTransport starts another program instead.
using System;
using System.Collections.Generic;
using System.ComponentModel.DataAnnotations;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp;
using AhnSharp.Extensions.AI;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

if (args is not [string modelPath, string question])
{
    Console.Error.WriteLine("usage: McpTools MODEL.gguf QUESTION");
    return 2;
}

Pipe toServer = new(), toClient = new();
McpServerOptions offered = new() { ToolCollection = [McpServerTool.Create(Add, new McpServerToolCreateOptions { Name = "add" })] };
await using McpServer server =
    McpServer.Create(new StreamServerTransport(toServer.Reader.AsStream(), toClient.Writer.AsStream()), offered);
using CancellationTokenSource end = new();
Task running = server.RunAsync(end.Token);

await using (McpClient mcp = await McpClient.CreateAsync(
    new StreamClientTransport(toServer.Writer.AsStream(), toClient.Reader.AsStream())))
{
    IList<McpClientTool> tools = await mcp.ListToolsAsync();
    using TextModel model = TextModel.Load(modelPath);
    using IChatClient client = model.AsIChatClient().AsBuilder().UseFunctionInvocation().Build();
    ChatOptions options = new()
    {
        Tools = [.. tools],
        ToolMode = ChatToolMode.RequireAny,
        AllowMultipleToolCalls = false,
        MaxOutputTokens = 200,
    };
    ChatResponse response = await client.GetResponseAsync(question, options);
    Console.WriteLine(response.Text);
}
await end.CancelAsync();
await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
return 0;

static string Add([Range(0, 99)] int a, [Range(0, 99)] int b)
{
    Console.WriteLine($"add({a}, {b})");
    return $"{a + b}";
}
