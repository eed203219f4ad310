/** From the inputs of clients to what the domain asks of people. */
import type { Asked, Due } from "../domain/human-request.js";
import type { NewTask } from "../domain/open-task.js";
import type { NewApproval } from "../domain/request-approval.js";
import { errors } from "../errors.js";
import type { AssigneeInput, CreateTaskInput, DeadlineInput, RequestApprovalInput } from "../generated/types.js";

export function newTask({ assignTo, form, data, deadline, ...texts }: CreateTaskInput): NewTask {
  return {
    ...texts,
    data,
    assignTo: asked(assignTo, (reason) => errors.TASK_INVALID({ reason })),
    form: (form ?? null) as (NewTask["form"] & object) | null,
    due: due(deadline),
  };
}

export function newApproval(input: RequestApprovalInput): NewApproval {
  const {
    approvers,
    data,
    deadline,
    needed,
    rule = "ALL",
    requesterMayDecide = false,
    title,
    instructions = "",
  } = input;
  const people = approvers.map((approver) => asked(approver, (reason) => errors.APPROVAL_INVALID({ reason })));
  return {
    title,
    instructions,
    data,
    rule,
    requesterMayDecide,
    needed: needed ?? null,
    approvers: people,
    due: due(deadline),
  };
}

function asked({ personId, role }: AssigneeInput, refusal: (reason: string) => Error): Asked {
  if (personId != null && role == null) return { personId };
  if (role != null && personId == null) return { role };
  throw refusal("it names either a person or a role");
}

const due = (deadline: DeadlineInput | null | undefined): Due | null =>
  deadline ? { dueAt: deadline.dueAt, warnAt: deadline.warnAt ?? null, escalateTo: deadline.escalateTo ?? null } : null;
