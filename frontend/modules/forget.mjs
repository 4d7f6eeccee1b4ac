// On the page that says that an answer is withdrawn: what this phone kept of it goes, too.

indexedDB.deleteDatabase("linsheng");
