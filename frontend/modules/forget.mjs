// On the page that says that an answer is withdrawn: what this phone kept of it goes, too.

import { forgetAll } from "./drafts.mjs";

forgetAll();
