// Agent MODEL QUESTION: an agent of the Microsoft Agent Framework over a model of this machine, with a tool and a second turn.
using System;
using System.ComponentModel;
using AhnSharp;
using AhnSharp.Extensions.AI;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

if (args is not [string modelPath, string question])
{
    Console.Error.WriteLine("usage: Agent MODEL.gguf QUESTION");
    return 2;
}

using TextModel model = TextModel.Load(modelPath);
using IChatClient client = model.AsIChatClient();
ChatOptions options = new() { MaxOutputTokens = 200, AllowMultipleToolCalls = false, ToolMode = ChatToolMode.RequireAny };
AIAgent agent = client.AsAIAgent(instructions: "You answer in one sentence.", name: "reader", tools: [AIFunctionFactory.Create(Today)]);
AgentSession session = await agent.CreateSessionAsync();
AgentResponse first = await agent.RunAsync(question, session, new ChatClientAgentRunOptions(options));
Console.WriteLine(first.Text);
ChatClientAgentRunOptions brief = new(new ChatOptions { MaxOutputTokens = 16 });
AgentResponse second = await agent.RunAsync("And tomorrow?", session, brief);
Console.WriteLine(second.Text);
return 0;

[Description("Which day it is.")]
static string Today()
{
    Console.WriteLine("Today()");
    return "Monday";
}
